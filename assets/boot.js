// Loads the page's WebAssembly, or says in plain words why it can't. The words stand in index.html.

const boot = document.getElementById("boot");

function show(what, detail) {
  for (const paragraph of boot.querySelectorAll("[data-when]")) {
    paragraph.hidden = paragraph.dataset.when !== what;
  }
  const pre = document.getElementById("boot-detail");
  pre.textContent = detail ?? "";
  pre.hidden = !detail;
  boot.hidden = false;
}

// The page's panic handler sends this.
window.addEventListener("headroom-crashed", (event) => show("crashed", event.detail));

if (typeof WebAssembly !== "object" || typeof Worker !== "function") {
  show("unsupported");
} else {
  const tag = document.querySelector("script[data-js]");
  const address = (path) => new URL(path, document.baseURI);
  import(address(tag.dataset.js))
    .then((page) => page.default({ module_or_path: address(tag.dataset.wasm) }))
    .then(() => {
      boot.hidden = true;
    })
    .catch((error) => {
      console.error(error);
      show("failed", String(error));
    });
}
