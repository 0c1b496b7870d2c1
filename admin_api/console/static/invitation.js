// The token of an invitation stands after the # of its link, so that no server's log ever has it.

const field = document.querySelector("input[name=token]");
if (location.hash.length > 1) {
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
}
document.getElementById("incomplete").hidden = field.value !== "";
