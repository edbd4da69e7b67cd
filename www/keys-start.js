// The end of the script of the screens that are loaded later: hands them to start.js.
globalThis.keysideLoaded({ init: __wbg_init, start });
