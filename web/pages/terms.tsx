// The terms as the project offers them. The operator of a hub is the one who promises them, and
// adapts them to what they offer and to the law of their place (docs/documents.md).

import { Link } from '@tanstack/react-router';
import { useHub } from '../api/queries.ts';
import { PolicyText } from '../parts/policy-text.tsx';

export function TermsPage() {
  const { documents } = useHub();
  return (
    <PolicyText title="Terms" version={documents.terms}>
      <h2>Who</h2>
      <p>
        These terms are between you and whoever operates this hub. You are 18 or older. If you act
        for a company, you may act for it.
      </p>
      <h2>What you get</h2>
      <p>
        The hub takes your requests, sends each to a provider of the model that you name, and gives
        you the answer. The answers are the providers': the hub does not write, check or keep them.
      </p>
      <h2>What it costs</h2>
      <p>
        You pay in advance. Each request is charged to the balance of its workspace at the prices on
        the <Link to="/models">models page</Link>, with the operator's markup included. A request
        never costs more than was held for it before it was sent, and its receipt shows every line.
        Play money buys nothing but answers of the built-in test models.
      </p>
      <h2>What you look after</h2>
      <p>
        Your password, your passkeys and your API keys: whoever has a key spends the balance until
        you revoke it. Whoever owns a workspace answers for its members.
      </p>
      <h2>What is not allowed</h2>
      <p>
        What the law or the terms of a model's provider forbid; attacks on the hub or on others; and
        selling access to the hub on without the operator's consent.
      </p>
      <h2>When it does not work</h2>
      <p>
        Providers fail, and so may the hub. A request that fails before any of its answer has
        reached you costs nothing; one that breaks off costs what was delivered until then. The
        operator promises no share of the time in which all works.
      </p>
      <h2>How it ends</h2>
      <p>
        You may stop at any time, and ask the operator to remove your account. The operator may
        close an account that breaks these terms. Other terms are another version, which you are
        asked to accept.
      </p>
    </PolicyText>
  );
}
