try {
  const theme = localStorage.getItem('ancp-explorer.theme');
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden: the system's theme it is.
}
