// Stands before every other script, and is written for the oldest browsers: says why when the page
// does not start, above all when a file of it is not the one that was built (its integrity hash).
(function () {
  "use strict";

  // One reason is enough, and the first is the cause of the others.
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
    // The whole body: a program that runs already draws into what is no longer shown.
    while (document.body.firstChild) document.body.removeChild(document.body.firstChild);
    document.body.appendChild(page);
  }

  function refuse(text) {
    // A page that doesn't start leaves no access token in the address bar.
    if (location.hash && history.replaceState) {
      history.replaceState(null, "", location.pathname + location.search);
    }
    if (!hasRefused) show(text);
    hasRefused = true;
  }

  // Browsers report a wrong hash and a missing answer alike: whether the file comes at all tells them apart.
  function isThere(url) {
    return fetch(url, { cache: "no-store" })
      .then(function (answer) { return answer.ok; }, function () { return false; });
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
    // Scripts and styles of the page; nothing else has a hash.
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
