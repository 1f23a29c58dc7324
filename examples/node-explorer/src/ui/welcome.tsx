export function Welcome() {
  return (
    <div className="welcome">
      <img src="./icon.svg" alt="" width={56} height={56} />
      <h2>Look into a node</h2>
      <p>
        Name a node on the left and connect. You will see what it offers, call its actions, and read every envelope that
        goes over the wire.
      </p>
    </div>
  );
}
