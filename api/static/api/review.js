// Keys for the queue of corrections. Without this file everything works with buttons.
'use strict'

const cards = [...document.querySelectorAll('.review-card')]
const form = document.querySelector('#review-form')

function currentCard() {
  return document.activeElement?.closest('.review-card') ?? null
}

function focusCard(card) {
  card?.focus({ preventScroll: true })
  card?.scrollIntoView({ block: 'nearest' })
}

function move(step) {
  const current = cards.indexOf(currentCard())
  focusCard(cards[current < 0 ? 0 : Math.min(Math.max(current + step, 0), cards.length - 1)])
}

function press(key) {
  const ofPage = key === 'u' || !cards.length
  if (!ofPage && !currentCard()) return focusCard(cards[0]) // nothing is decided about a photo that is not marked
  const target = (ofPage ? document : currentCard()).querySelector(`[data-key="${key}"]`)
  if (target?.tagName === 'INPUT' && target.type !== 'checkbox') target.focus()
  else target?.click()
}

document.addEventListener('keydown', (event) => {
  const field = event.target.closest('input:not([type=checkbox]), select, textarea')
  if (field) {
    const change = field.closest('.review-change')?.querySelector('button')
    if (event.key === 'Enter' && change) {
      event.preventDefault()
      change.click()
    } else if (event.key === 'Escape') focusCard(currentCard())
    return
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
  const key = event.key.toLowerCase()
  if (cards.length && (key === 'j' || key === 'k')) move(key === 'j' ? 1 : -1)
  else if ('jkarncxouz'.includes(key) && key.length === 1) press(key)
  else return
  event.preventDefault()
})

// After a decision the next photo has the focus: the server puts its id into the address.
form?.addEventListener('submit', (event) => {
  const card = event.submitter?.closest('.review-card')
  const place = cards.indexOf(card)
  const following = place < 0 ? undefined : (cards[place + 1] ?? cards[place - 1])
  form.elements.next.value = following?.dataset.id ?? ''
})

if (form) {
  const boxes = [...form.querySelectorAll('input[name="photo"]')]
  const all = document.querySelector('#review-all')
  const count = document.querySelector('#review-count')
  const tell = () => {
    const number = boxes.filter((box) => box.checked).length
    if (count) count.textContent = `${number} selected`
    if (all) all.textContent = number < boxes.length ? 'Select all on this page' : 'Select none'
  }
  if (all) {
    all.hidden = false
    all.addEventListener('click', () => {
      const ticked = boxes.some((box) => !box.checked)
      for (const box of boxes) box.checked = ticked
      tell()
    })
  }
  form.addEventListener('change', tell)
  tell()
  if (location.hash.startsWith('#photo-')) {
    focusCard(document.getElementById(location.hash.slice(1)) ?? cards[0])
    history.replaceState(null, '', location.pathname + location.search)
  }
}
