// The end of a key worker's script. The page sends the compiled program, because a key worker can't load
// anything.
onmessage = ({ data }) => wasm_bindgen.initSync({ module: data });
