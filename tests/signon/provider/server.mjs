// A certified OpenID provider (oidc-provider) on loopback, for the tests of single sign-on.
//
// Its input is the line of settings: {"client", "secret", "redirect", "home", "people"}. `people` names the file with
// the claims of each person by the sign-in name; it is read at each request. It prints its issuer.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

import Provider from "oidc-provider";

const [line] = await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next().then((read) => [read.value]);
const asked = JSON.parse(line);
const server = createServer();
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: asked.client,
      client_secret: asked.secret,
      redirect_uris: [asked.redirect],
      post_logout_redirect_uris: [asked.home],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], groups: ["groups"] },
  findAccount(_context, name) {
    const claims = JSON.parse(readFileSync(asked.people, "utf8"))[name];
    return claims && { accountId: name, claims: () => ({ sub: name, ...claims }) };
  },
  pkce: { required: () => true },
  cookies: { keys: ["a key of the tests"] },
});
server.on("request", provider.callback());
console.log(issuer);
