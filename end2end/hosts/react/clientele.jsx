// A React component around the element. Properties and methods go through a ref, because React passes functions and objects to a
// custom element only once its script has been loaded.
import { useEffect, useImperativeHandle, useRef } from 'react'
import { EVENTS } from '../shared.js'

export function ClienteleCustomers({ ref, fetchToken, filters, appearance, onEvent, ...attributes }) {
  const element = useRef(null)
  // The latest callback, so that a new one does not add the listeners again.
  const heard = useRef(onEvent)
  useEffect(() => {
    heard.current = onEvent
  })
  useEffect(() => {
    element.current.fetchToken = fetchToken
  }, [fetchToken])
  useEffect(() => {
    if (filters) element.current.filters = filters
    if (appearance) element.current.appearance = appearance
  }, [filters, appearance])
  useEffect(() => {
    const own = element.current
    const hear = ({ type, detail }) => heard.current?.(type, detail)
    for (const name of EVENTS) own.addEventListener(name, hear)
    return () => EVENTS.forEach(name => own.removeEventListener(name, hear))
  }, [])
  useImperativeHandle(ref, () => element.current, [])
  return <clientele-customers ref={element} {...attributes} />
}
