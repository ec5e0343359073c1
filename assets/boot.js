// Shows a still picture of the design at once, then loads the page's WebAssembly, or says in plain words why it can't.
// The words stand in index.html.

const boot = document.getElementById("boot");
const query = new URLSearchParams(location.search);

function show(what, detail) {
  for (const paragraph of boot.querySelectorAll("[data-when]")) {
    paragraph.hidden = paragraph.dataset.when !== what;
  }
  const pre = document.getElementById("boot-detail");
  pre.textContent = detail ?? "";
  pre.hidden = !detail;
  boot.hidden = false;
}

// What the browser keeps; nothing in frames where asking throws.
function kept(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function chosenTheme() {
  const asked = query.get("theme");
  if (asked) return asked;
  try {
    return JSON.parse(kept("headroom.preferences"))?.theme;
  } catch {
    return undefined;
  }
}

// A link brings a design of its own, of which there is no picture yet.
function showStill() {
  const theme = chosenTheme();
  const isKnown = theme === "light" || theme === "dark";
  if (isKnown) document.documentElement.dataset.theme = theme;
  if (location.hash) return;
  const isDark = isKnown ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const still = document.getElementById("still");
  const own = query.has("embed") ? null : kept("headroom.still");
  still.src = own ? `data:image/svg+xml,${encodeURIComponent(own)}` : `still/${isDark ? "dark" : "light"}.svg`;
  still.hidden = false;
}

function load() {
  show("loading");
  const tag = document.querySelector("script[data-js]");
  const address = (path) => new URL(path, document.baseURI);
  import(address(tag.dataset.js))
    .then((page) => page.default({ module_or_path: address(tag.dataset.wasm) }))
    .catch((error) => {
      console.error(error);
      show("failed", String(error));
    });
}

// From now on the page opens without a connection, too. A page inside another leaves that to its host.
function keepForOffline() {
  if (window.top !== window || !("serviceWorker" in navigator)) return;
  // Refused where the page was not loaded securely; it then needs a connection, as any page does.
  navigator.serviceWorker.register("offline.js").catch(() => {});
}

// The page stands in its place.
window.addEventListener("headroom-shown", () => (boot.hidden = true));

// What it takes to read the visitor's design has not come.
window.addEventListener("headroom-lost", (event) => show("failed", event.detail));

// Whatever the page needs is there: keeping it delays nothing any more.
window.addEventListener("headroom-settled", keepForOffline, { once: true });

// The page's panic handler sends this.
window.addEventListener("headroom-crashed", (event) => show("crashed", event.detail));

showStill();
if (typeof WebAssembly !== "object" || typeof Worker !== "function") {
  show("unsupported");
} else if (query.get("preview") === "1") {
  show("preview");
  document.getElementById("boot-start").addEventListener("click", load, { once: true });
} else {
  load();
}
