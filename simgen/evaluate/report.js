for (const button of document.querySelectorAll(".copy button"))
  button.addEventListener("click", () => {
    const code = button.previousElementSibling;
    getSelection().selectAllChildren(code);  // enough to copy by hand where the clipboard is shut
    const copied = () => { button.textContent = "copied"; };
    navigator.clipboard?.writeText(code.textContent).then(copied, () => {});
  });
