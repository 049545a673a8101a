-- Makes wrk post the JSON of BENCH_BODY.
wrk.method = 'POST'
wrk.headers['content-type'] = 'application/json'
wrk.body = os.getenv('BENCH_BODY')
