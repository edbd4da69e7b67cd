// The end of a key worker's script: the page sends the compiled program, because a key worker can load
// nothing.
onmessage = ({ data }) => wasm_bindgen.initSync({ module: data });
