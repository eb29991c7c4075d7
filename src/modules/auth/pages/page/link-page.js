/** Gives the token of a mail's link to the API, with what the form asks for, and says what came of it. */

const form = document.querySelector('form');
const button = form.querySelector('button');
const input = form.querySelector('input');
const message = document.querySelector('#message');

// The fragment is known to this page alone; it does not stay in the history either.
const token = new URLSearchParams(location.hash.slice(1)).get('token');
history.replaceState(null, '', location.pathname);

const OLD =
  'This link is not good any more: it or another one was used, it is older than 10 minutes, or newer ones have replaced it. Ask for another.';
if (!token) end(OLD);
// Another link in the same tab: a browser loads nothing for another fragment.
addEventListener('hashchange', () => location.reload());

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  button.disabled = true;
  message.textContent = 'One moment …';
  try {
    const response = await fetch(form.dataset.call, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, ...(input && { newPassword: input.value }) }),
    });
    if (response.ok) return end(form.dataset.done);
    const problem = await response.json();
    if (problem.code === 'invalid_one_time_token') return end(OLD);
    const [error] = problem.errors ?? [];
    message.textContent = error?.message ?? problem.title;
  } catch {
    message.textContent = 'The server cannot be reached. Try again.';
  }
  button.disabled = false;
  input?.focus();
});

function end(text) {
  form.hidden = true;
  message.textContent = text;
}
