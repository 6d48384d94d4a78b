// What becomes of a message on a hub that has no mail server, such as one on somebody's own machine.

export function NoMailServer() {
  return (
    <p role="note">
      This hub has no mail server, so the message waits in its outbox: its operator finds it in the
      console under Mail, or in the folder <span className="mono">outbox</span> of the hub's data,
      and passes the link on.
    </p>
  );
}
