import { createApp, defineComponent, h, onMounted, onUnmounted, ref, shallowRef } from 'vue'
import { fetchToken, listenForShortcuts, settings } from '../shared.js'
import { ClienteleCustomers } from './clientele.js'

const { attributes, filters, appearance } = settings()

const Harbour = defineComponent(() => {
  const customers = ref(null)
  const log = ref([])
  const mode = ref(attributes.mode ?? 'element')
  const key = ref('')
  const query = ref('{"period":"all"}')
  const mounted = ref(true)
  const token = shallowRef(fetchToken)
  let stop = () => {}
  onMounted(() => (stop = listenForShortcuts(key => log.value.push(`shortcut ${key}`))))
  onUnmounted(() => stop())

  const button = (name, act) => h('button', { type: 'button', onClick: () => act(customers.value?.element) }, name)
  const input = (name, model, more = {}) =>
    h('label', [name, ' ', h('input', { ...more, value: model.value, onInput: ({ target }) => (model.value = target.value) })])
  const banner = () =>
    h('header', [
      h('h1', 'Harbour'),
      h('nav', { 'aria-label': 'Harbour' }, [h('a', { href: '#orders' }, 'Orders'), h('a', { href: '#customers' }, 'Customers')]),
      h('label', ['Search Harbour ', h('input', { type: 'search', autocomplete: 'off' })]),
    ])
  const modes = () =>
    h('label', [
      'Mode ',
      h('select', { value: mode.value, onChange: ({ target }) => (mode.value = target.value) }, [h('option', 'element'), h('option', 'frame')]),
    ])
  const tools = () =>
    h('aside', { 'aria-label': 'Harbour tools' }, [
      h('label', ['Notes ', h('textarea', { rows: 2 })]),
      modes(),
      input('Customer key', key, { inputmode: 'numeric' }),
      button('Open customer', element => element.openCustomer(Number(key.value))),
      button('Close customer', element => element.openCustomer(null)),
      input('Filters', query),
      button('Set filters', element => element.setFilters(JSON.parse(query.value))),
      button('Refresh', element => element.refresh()),
      button('Green accent', element => element.updateAppearance({ accent: '#1b6b2f' })),
      button('Log out', element => element.logout()),
      button('Sign in again', () => (token.value = () => fetchToken())),
      button('Mount', () => (mounted.value = true)),
      button('Unmount', () => (mounted.value = false)),
      h('ol', { 'aria-label': 'Events' }, log.value.map((line, place) => h('li', { key: place }, line))),
    ])
  const widget = () =>
    h(ClienteleCustomers, {
      ref: customers,
      attributes: { ...attributes, mode: mode.value },
      fetchToken: token.value,
      filters,
      appearance,
      onEvent: (name, detail) => log.value.push(`${name} ${JSON.stringify(detail)}`),
    })
  return () => [banner(), h('main', [h('div', { class: 'place' }, mounted.value ? [widget()] : [])]), tools()]
})

createApp(Harbour).mount('#root')
