// A Vue component around the element. `.name` sets a property and `^name` an attribute, whether the script has been loaded or not.
import { defineComponent, h, ref } from 'vue'
import { EVENTS } from '../shared.js'

/** Returns the name of Vue's prop for an event: `onCustomerSelected` of `customer-selected`. */
const handler = name => `on-${name}`.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())

export const ClienteleCustomers = defineComponent({
  props: { fetchToken: Function, filters: Object, appearance: Object, attributes: Object },
  emits: ['event'],
  setup(props, { emit, expose }) {
    const element = ref(null)
    const hear = ({ type, detail }) => emit('event', type, detail)
    const listeners = Object.fromEntries(EVENTS.map(name => [handler(name), hear]))
    expose({ element })
    return () => {
      const attributes = Object.fromEntries(Object.entries(props.attributes ?? {}).map(([name, value]) => [`^${name}`, value]))
      const properties = { '.fetchToken': props.fetchToken }
      if (props.filters) properties['.filters'] = props.filters
      if (props.appearance) properties['.appearance'] = props.appearance
      return h('clientele-customers', { ref: element, ...attributes, ...properties, ...listeners })
    }
  },
})
