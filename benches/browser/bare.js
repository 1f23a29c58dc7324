void fetch('https://api.example.com/orders', { method: 'POST', body: '{}' });
