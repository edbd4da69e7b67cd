// The end of a key worker's script: the page sends the compiled program, because nothing can be
// loaded from in here.
onmessage = ({ data }) => initSync({ module: data });
