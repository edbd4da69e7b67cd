import init from "./empty-page-00000000.js";

init();
