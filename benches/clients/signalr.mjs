// The SignalR client: compared in size and start only, as it speaks over a connection that stays open.

export const name = '@microsoft/signalr';

export async function connect(origin) {
  const { HubConnectionBuilder, LogLevel } = await import('@microsoft/signalr');
  const connection = new HubConnectionBuilder().withUrl(`${origin}/hub`).configureLogging(LogLevel.None).build();
  return {
    async invoke(payload) {
      await connection.start();
      return connection.invoke('SendMessage', JSON.stringify(payload));
    },
    close: () => connection.stop(),
  };
}
