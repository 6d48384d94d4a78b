// The privacy policy as the project offers it: what the code does, and no more. A change of what is
// kept changes this page and its version (docs/documents.md).

import { useHub } from '../api/queries.ts';
import { TermsLink } from '../parts/documents.tsx';
import { PolicyText } from '../parts/policy-text.tsx';

export function PrivacyPage() {
  const { documents } = useHub();
  return (
    <PolicyText title="Privacy policy" version={documents.privacy}>
      <h2>Who</h2>
      <p>
        Whoever operates this hub decides about your data and answers your questions. Beside this
        policy stand the <TermsLink />.
      </p>
      <h2>What is never kept</h2>
      <p>
        What you send to a model and what it answers. It passes through the hub's memory to the
        provider and back, and is written neither to a database nor to a log.
      </p>
      <h2>What is kept</h2>
      <Kept />
      <h2>In your browser</h2>
      <p>
        One cookie, <code>ih_session</code>. It holds a random text that stands for your session, is
        set when you begin to sign up or in, and goes with the session. The choice of a light or
        dark theme stays in the browser's storage, and says nothing about you. Nothing is loaded
        from other sites, and nobody counts your visits.
      </p>
      <h2>Who gets what</h2>
      <ul>
        <li>
          The provider of a model gets the content of your requests to it. It does not get your
          name, your address, your API key or your IP address. What it does with the content stands
          with each model on the models page.
        </li>
        <li>The operator's mail server gets your address and the messages of the hub to you.</li>
        <li>
          Google gets to know that you sign in here, if you use it. The hub gets your name, your
          address and Google's number for you from there.
        </li>
        <li>Members of a workspace see each other's name, address and use of that workspace.</li>
      </ul>
      <h2>How long</h2>
      <HowLong />
      <h2>Your rights</h2>
      <p>
        You may see what is kept about you, have it mended or removed, take it with you, and object.
        Write to the operator of this hub, who must answer. Your name, your address and your
        password you change yourself, in the settings. You may also complain to the authority for
        data protection of your place.
      </p>
    </PolicyText>
  );
}

function Kept() {
  return (
    <ul>
      <li>
        Your account: name, address, a one-way hash of your password, what you have set up to prove
        who you are (passkeys, an authenticator app, Google), and which documents you accepted when.
      </li>
      <li>
        Your sessions: browser and system in words such as “Firefox on Linux”, the network of your
        IP address without its last part, and times. The devices that you signed in with are kept in
        the same words, so that a new one can be told to you.
      </li>
      <li>
        Of each request: workspace and API key, model and provider, counts of tokens and other
        units, times, status, charge, and the IP address that it came from.
      </li>
      <li>What was paid in and charged, as entries of a ledger.</li>
      <li>
        Messages of the hub to you: the address, the kind, the time, and the names and amounts that
        they mention.
      </li>
    </ul>
  );
}

function HowLong() {
  return (
    <ul>
      <li>
        A session ends 14 days after its last use, and 30 days after it began. What stands for
        somebody who is not signed in yet ends after an hour.
      </li>
      <li>
        A sign-up whose address is not confirmed ends after 24 hours, and the next sign-up of
        anybody removes it. What is known of a message goes 30 days after it was sent.
      </li>
      <li>
        The account with its devices, the records of requests and the ledger stay until the operator
        removes them: as yet nothing removes them by itself.
      </li>
    </ul>
  );
}
