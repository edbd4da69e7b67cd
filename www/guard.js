// Runs before every other script, in syntax for the oldest browsers. Displays why the page doesn't
// start, above all when a file doesn't match its integrity hash.
(function () {
  "use strict";

  // Display only the first error: it causes the others.
  var hasRefused = false;

  function show(text) {
    if (document.readyState === "loading") {
      addEventListener("DOMContentLoaded", function () { show(text); });
      return;
    }
    var page = document.createElement("main");
    page.id = "page";
    var place = document.createElement("p");
    place.id = "start";
    place.setAttribute("role", "alert");
    place.textContent = text;
    page.appendChild(place);
    // Replace the whole body, so that a program that already runs renders into detached elements.
    while (document.body.firstChild) document.body.removeChild(document.body.firstChild);
    document.body.appendChild(page);
  }

  function refuse(text) {
    // Don't leave an access token in the address bar.
    if (location.hash && history.replaceState) {
      history.replaceState(null, "", location.pathname + location.search);
    }
    if (!hasRefused) show(text);
    hasRefused = true;
  }

  // Browsers report a wrong hash and a failed load alike, so load the file again to find out which it is.
  function isThere(url) {
    return fetch(url, { cache: "no-store" })
      .then(function (response) { return response.ok; }, function () { return false; });
  }

  function refuseFile(url, evenIfMissing) {
    var name = url.replace(/^.*\//, "");
    return isThere(url).then(function (changed) {
      if (changed) {
        refuse("Keyside didn't start: the file " + name + " isn't the one that was built with this "
          + "page. It was changed or damaged on the server or on its way here. Nothing was created or "
          + "sent. Don't use this page, and tell your Keyside administrator.");
      } else if (evenIfMissing) {
        refuse("Keyside didn't start: the file " + name + " can't be loaded. Nothing was created or "
          + "sent. Reload the page; if that doesn't help, tell your Keyside administrator.");
      }
    });
  }

  addEventListener("error", function (event) {
    var element = event.target;
    // Only the page's scripts and styles have a hash.
    if (element && element.integrity) {
        refuseFile(element.src || element.href, true);
    }
  }, true);

  if (!("noModule" in document.createElement("script"))) {
    refuse("Keyside creates keys inside this browser, but this browser is too old for it. Nothing was "
      + "created or sent. Use a current Firefox, Chrome, Edge or Safari.");
  }

  window.keysideGuard = {
    refuse: refuse,
    refuseFile: refuseFile,
    hasRefused: function () { return hasRefused; }
  };
})();
