// What scrolls can be reached and scrolled from the keyboard.
for (const box of document.querySelectorAll("pre, .table-wrapper")) box.tabIndex = 0;
