/** In a page: lets a worker that calls `answerWith` run its test. */
export function runWorker(worker, node) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data ? reject(new Error(data)) : resolve());
    worker.onerror = ({ message }) => reject(new Error(message ?? 'the worker did not start'));
    worker.postMessage(node);
  });
}

/** In the worker. */
export function answerWith(test) {
  self.onmessage = ({ data: node }) => {
    test(node).then(
      () => self.postMessage(''),
      (error) => self.postMessage(`${error.stack}`),
    );
  };
}
