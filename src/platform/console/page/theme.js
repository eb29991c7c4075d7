/** Dark or light: as the system says, or as was chosen here before. A classic script, see index.html. */
{
  const key = 'mainstay-console-theme';
  const themes = ['system', 'dark', 'light'];
  const root = document.documentElement;

  const chosen = () => {
    try {
      return localStorage.getItem(key) ?? 'system';
    } catch {
      return 'system'; // where storage is forbidden nothing is remembered
    }
  };
  const apply = (theme) => {
    root.dataset.theme = themes.includes(theme) ? theme : 'system';
  };
  apply(chosen());

  document.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('theme');
    const tell = () => (button.textContent = `Theme: ${root.dataset.theme}`);
    tell();
    button.addEventListener('click', () => {
      const next = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
      apply(next);
      try {
        localStorage.setItem(key, next);
      } catch {
        // as above
      }
      tell();
      document.dispatchEvent(new Event('theme'));
    });
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () =>
    document.dispatchEvent(new Event('theme')),
  );
}
