// The first thing that runs: the secret leaves the address bar before anything else is loaded.
// It stays in this tab only (sessionStorage), so that a reload or another language does not lose it.
(() => {
  const take = () => {
    const fragment = location.hash;
    if (fragment.length < 30) return false; // an anchor of the page's own
    history.replaceState(null, "", location.pathname + location.search);
    try {
      sessionStorage.setItem(`counterfoil.link:${location.pathname}`, fragment);
    } catch (error) {
      globalThis.counterfoilLink = fragment; // a browser that keeps nothing
    }
    return true;
  };
  take();
  // Another link pasted into this very tab.
  addEventListener("hashchange", () => { if (take()) location.reload(); });
})();
