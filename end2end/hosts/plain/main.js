// The element in a page without a framework.
import { EVENTS, fetchToken, listenForShortcuts, settings } from '/shared.js'

const find = selector => document.querySelector(selector)
const places = [...document.querySelectorAll('.place')]
const { attributes, filters, appearance } = settings()

function log(text) {
  const line = document.createElement('li')
  line.textContent = text
  find('ol').append(line)
}

const element = document.createElement('clientele-customers')
for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
element.fetchToken = fetchToken
if (filters) element.filters = filters
if (appearance) element.appearance = appearance
for (const name of EVENTS) element.addEventListener(name, event => log(`${name} ${JSON.stringify(event.detail)}`))

const actions = {
  open: () => element.openCustomer(Number(find('#key').value)),
  close: () => element.openCustomer(null),
  filter: () => element.setFilters(JSON.parse(find('#filters').value)),
  refresh: () => element.refresh(),
  paint: () => element.updateAppearance({ accent: '#1b6b2f' }),
  logout: () => element.logout(),
  // A new callback begins a new session.
  login: () => (element.fetchToken = () => fetchToken()),
  mount: () => places[0].append(element),
  unmount: () => element.remove(),
  move: () => {
    const [from, to] = places[0].contains(element) ? places : places.toReversed()
    from.hidden = true
    to.hidden = false
    to.append(element)
  },
}
for (const button of document.querySelectorAll('[data-do]')) button.addEventListener('click', () => actions[button.dataset.do]())

find('#mode').value = attributes.mode ?? 'element'
find('#mode').addEventListener('change', ({ target }) => element.setAttribute('mode', target.value))
listenForShortcuts(key => log(`shortcut ${key}`))
localStorage.setItem('theme', 'harbour')
actions.mount()
