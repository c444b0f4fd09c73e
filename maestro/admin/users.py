"""Users and groups: who works here, with which role, in which group."""

from flask import render_template
from flask_login import current_user

from maestro import permissions
from maestro.accounts import groups, resets, users
from maestro.admin.door import bp, commit, config, find, go, needs, refusals, visible
from maestro.admin.forms.accounts import ROLES, SITE_ROLE, GroupForm, RoleForm, UserForm
from maestro.extensions import db
from maestro.models import Group, User


@bp.get("/users")
@needs("user.manage")
def users_list():
    found = db.session.scalars(visible(User).order_by(User.email_key)).all()
    mine = {user.id for user in found if permissions.may_manage(current_user, user)}
    return render_template("admin/users/index.html", users=found, mine=mine, words=dict(roles(all=True)))


def roles(all=False):
    """The roles with their words, as far as the user may give them."""
    return ROLES | SITE_ROLE if all or current_user.role == "site" else ROLES


@bp.route("/users/new", methods=["GET", "POST"])
@needs("user.manage", fresh=True)
def user_new():
    form = UserForm()
    form.role.choices = roles()
    form.group.choices = {group.id: group.name for group in db.session.scalars(visible(Group).order_by(Group.name))}
    if form.validate_on_submit():
        with refusals(form):
            group = find(Group, form.group.data)
            user = users.create(form.email.data, group, form.role.data, by=current_user, name=form.name.data)
            return invited(user)
    return render_template("admin/users/new.html", form=form), 422 if form.errors else 200


def invited(user):
    """Show the link by which a user sets the password; it is shown this once."""
    link = resets.invite(user, config(), by=current_user)
    commit()
    return render_template("admin/users/invited.html", user=user, link=link)


@bp.route("/users/<int:user_id>", methods=["GET", "POST"])
@needs("user.manage", fresh=True)
def user(user_id):
    found = find(User, user_id)
    form = RoleForm(obj=found)
    form.role.choices = roles(all=found.role == "site")
    if form.validate_on_submit():
        with refusals(form):
            users.set_role(found, form.role.data, by=current_user)
            return go(".users_list", f"{found.email} has another role now.")
    return render_template("admin/users/user.html", form=form, user=found,
                           managed=permissions.may_manage(current_user, found)), 422 if form.errors else 200


@bp.post("/users/<int:user_id>/<any(disable, enable):verb>")
@needs("user.manage", fresh=True)
def user_switch(user_id, verb):
    found = find(User, user_id)
    {"disable": users.disable, "enable": users.enable}[verb](found, by=current_user)
    return go(".users_list", f"{found.email} is {verb}d.")


@bp.post("/users/<int:user_id>/link")
@needs("user.manage", fresh=True)
def user_link(user_id):
    return invited(find(User, user_id))


@bp.route("/groups", methods=["GET", "POST"])
@needs("group.manage")
def groups_list():
    form = GroupForm()
    if form.validate_on_submit():
        with refusals(form):
            groups.create(form.name.data, by=current_user)
            return go(".groups_list", "The group is there. Add its users next.")
    page = render_template("admin/users/groups.html", form=form, groups=groups.with_counts())
    return page, 422 if form.errors else 200


@bp.route("/groups/<int:group_id>", methods=["GET", "POST"])
@needs("group.manage")
def group(group_id):
    found = find(Group, group_id)
    form = GroupForm(obj=found)
    if form.validate_on_submit():
        with refusals(form):
            groups.rename(found, form.name.data, by=current_user)
            return go(".groups_list", "Saved.")
    return render_template("admin/users/group.html", form=form, group=found), 422 if form.errors else 200
