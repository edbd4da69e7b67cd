// Runs only in browsers without JavaScript modules: older than the page can use.
document.getElementById("start").firstChild.data =
  "Keyside makes keys inside this browser, but this browser is too old for it. Nothing was made " +
  "or sent. Use a current Firefox, Chrome, Edge or Safari.";
