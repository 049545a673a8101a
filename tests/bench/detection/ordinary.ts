/** The body of a call as a customer's program sends it: some 700 bytes. */
const body = JSON.stringify({
  from: '+911140000001',
  to: '+912240000002',
  callerId: '+911140000003',
  direction: 'outbound',
  record: true,
  timeLimit: 1800,
  customField: 'ticket 48213 / Bengaluru; second attempt',
  notes:
    "Asha D'Souza asked for a call after 6 pm (she's travelling). Billing question: invoice " +
    'INV-2031, 12,450.00 incl. tax & fees. Speak Hindi or English, not Tamil. If nobody answers, ' +
    'try the office: "Rao & Sons", 2nd floor, 14/3 MG Road. Don\'t leave a message on the machine.',
  metadata: { campaign: 'renewals-2026-Q2', agent: 'priya.n@example.com', priority: 'normal' },
  statusCallback: 'https://hooks.example.com/calls/status?tenant=42&v=2',
  statusCallbackEvents: ['initiated', 'answered', 'completed'],
})

const headers = {
  accept: 'application/json, text/plain, */*',
  'accept-encoding': 'gzip, deflate, br',
  'accept-language': 'en-IN,en;q=0.9,hi;q=0.8',
  authorization: 'Bearer caly_live_example',
  'content-type': 'application/json',
  'idempotency-key': '0197d3a2-5b1c-7e44-9a10-3f6f1f6f7a21',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
}

/** A request as they come all day: a call to be placed, of 1 KB with its headers. */
export const ordinaryRequest = (): Request =>
  new Request('http://localhost/body?dryRun=false&fields=id,status,createdAt&tag=late%20shift', {
    method: 'POST',
    headers,
    body,
  })
