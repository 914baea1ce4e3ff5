import { StrictMode, useCallback, useEffect, useRef, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { fetchToken, listenForShortcuts, settings } from '../shared.js'
import { ClienteleCustomers } from './clientele.jsx'

const { attributes, filters, appearance } = settings()

function Harbour() {
  const customers = useRef(null)
  const [log, setLog] = useState([])
  const [mode, setMode] = useState(attributes.mode ?? 'element')
  const [key, setKey] = useState('')
  const [query, setQuery] = useState('{"period":"all"}')
  const [mounted, setMounted] = useState(true)
  const [token, setToken] = useState(() => fetchToken)
  const add = useCallback(line => setLog(log => [...log, line]), [])
  const hear = useCallback((name, detail) => add(`${name} ${JSON.stringify(detail)}`), [add])
  useEffect(() => listenForShortcuts(key => add(`shortcut ${key}`)), [add])
  const button = (name, act) => (
    <button type="button" onClick={() => act(customers.current)}>
      {name}
    </button>
  )
  return (
    <>
      <header>
        <h1>Harbour</h1>
        <nav aria-label="Harbour">
          <a href="#orders">Orders</a>
          <a href="#customers">Customers</a>
        </nav>
        <label>
          Search Harbour <input type="search" autoComplete="off" />
        </label>
      </header>
      <main>
        <div className="place">
          {mounted && (
            <ClienteleCustomers
              ref={customers}
              {...attributes}
              mode={mode}
              fetchToken={token}
              filters={filters}
              appearance={appearance}
              onEvent={hear}
            />
          )}
        </div>
      </main>
      <aside aria-label="Harbour tools">
        <label>
          Notes <textarea rows="2" />
        </label>
        <label>
          Mode
          <select value={mode} onChange={event => setMode(event.target.value)}>
            <option>element</option>
            <option>frame</option>
          </select>
        </label>
        <label>
          Customer key <input inputMode="numeric" value={key} onChange={event => setKey(event.target.value)} />
        </label>
        {button('Open customer', element => element.openCustomer(Number(key)))}
        {button('Close customer', element => element.openCustomer(null))}
        <label>
          Filters <input value={query} onChange={event => setQuery(event.target.value)} />
        </label>
        {button('Set filters', element => element.setFilters(JSON.parse(query)))}
        {button('Refresh', element => element.refresh())}
        {button('Green accent', element => element.updateAppearance({ accent: '#1b6b2f' }))}
        {button('Log out', element => element.logout())}
        {button('Sign in again', () => setToken(() => () => fetchToken()))}
        {button('Mount', () => setMounted(true))}
        {button('Unmount', () => setMounted(false))}
        <ol aria-label="Events">
          {log.map((line, place) => (
            <li key={place}>{line}</li>
          ))}
        </ol>
      </aside>
    </>
  )
}

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <Harbour />
  </StrictMode>,
)
