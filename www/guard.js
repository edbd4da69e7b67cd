// Stands before every other script, and is written for the oldest browsers: says why when the page
// does not start, above all when a file of it is not the one that was built (its integrity hash).
(function () {
  "use strict";

  // One reason is enough, and the first is the cause of the others.
  var told = false;

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
    if (!told) show(text);
    told = true;
  }

  // Browsers tell a wrong hash and no answer alike: whether the file comes at all tells them apart.
  function comes(url) {
    return fetch(url, { cache: "no-store" })
      .then(function (answer) { return answer.ok; }, function () { return false; });
  }

  function refuseFile(url, evenIfMissing) {
    var name = url.replace(/^.*\//, "");
    return comes(url).then(function (changed) {
      if (changed) {
        refuse("Keyside did not start: the file " + name + " is not the one that was built with "
          + "this page. It was changed or damaged on the server or on its way here. Nothing was "
          + "made or sent. Do not use this page; tell who runs it.");
      } else if (evenIfMissing) {
        refuse("Keyside did not start: the file " + name + " cannot be loaded. Nothing was made "
          + "or sent. Load the page again; if that does not help, tell who runs it.");
      }
    });
  }

  addEventListener("error", function (event) {
    var element = event.target;
    // Scripts and styles of the page; nothing else has a hash.
    if (element && element.integrity) {
      // What comes later than the start is not needed for what is on the page already.
      refuseFile(element.src || element.href, element.dataset.later === undefined);
    }
  }, true);

  if (!("noModule" in document.createElement("script"))) {
    refuse("Keyside makes keys inside this browser, but this browser is too old for it. Nothing "
      + "was made or sent. Use a current Firefox, Chrome, Edge or Safari.");
  }

  window.keysideGuard = {
    refuse: refuse,
    refuseFile: refuseFile,
    hasRefused: function () { return told; }
  };
})();
