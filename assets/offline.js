// Keeps the page's files, so that it opens without a connection after the first visit. The network always comes first:
// nobody gets an old page while there is a new one to be had.

// `cargo xtask finish-dist` puts the files of the build and its name here.
const BUILD = "none";
const FILES = [];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(BUILD).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const drop = (names) => Promise.all(names.filter((name) => name !== BUILD).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(drop));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  // What an address presets does not change the files behind it.
  event.respondWith(fetch(request).catch(() => caches.match(request, { ignoreSearch: true }).then((kept) => kept ?? Response.error())));
});
