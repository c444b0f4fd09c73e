/* A form with files shows how much has gone. Its answer is followed, or shown in place when it was refused. */
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-upload]");
  if (!form || ![...form.querySelectorAll("[type=file]")].some((input) => input.files.length)) return;
  event.preventDefault();
  send(form, event.submitter);
});

function send(form, submitter) {
  const request = new XMLHttpRequest();
  const { bar, words, state } = draw(form);
  submitter?.setAttribute("disabled", "");
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.max = total;
    bar.value = loaded;
    words.textContent = loaded < total ? `${Math.floor((100 * loaded) / total)} % sent` : "Sent. Reading the file.";
  });
  request.addEventListener("load", () => answer(form, request));
  request.addEventListener("error", () => {
    submitter?.removeAttribute("disabled");
    state.className = "upload-state field-error";
    state.textContent = "The connection broke. Nothing was saved; try again.";
  });
  request.open("POST", form.action);
  request.responseType = "document";
  request.send(new FormData(form, submitter));
}

function draw(form) {
  form.querySelector(".upload-state")?.remove();
  const state = document.createElement("div");
  const bar = document.createElement("progress");
  const words = document.createElement("div");
  state.className = "upload-state bar bar-sending";
  words.className = "bar-text";
  words.role = "status";
  bar.setAttribute("aria-label", "Upload");
  state.append(bar, words);
  form.append(state);
  return { bar, words, state };
}

function answer(form, request) {
  const moved = request.responseURL !== new URL(form.action, location).href;
  const main = request.response?.querySelector("main");
  if (moved || !main) {
    location.assign(request.responseURL);
    return;
  }
  document.querySelector("main").replaceWith(document.adoptNode(main));
  main.focus();
}
