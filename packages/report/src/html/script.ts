/** Copies commands. The page is complete without it; the buttons show only where it runs. */
export const SCRIPT = `
document.documentElement.classList.add('scripted')
document.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-copy]')
  if (!button) return
  let done = false
  try {
    await navigator.clipboard.writeText(button.dataset.copy)
    done = true
  } catch {
    getSelection().selectAllChildren(button.previousElementSibling)
    done = document.execCommand('copy')
  }
  button.textContent = done ? 'Copied' : 'Press Ctrl+C'
  setTimeout(() => { button.textContent = 'Copy' }, 1600)
})
`
