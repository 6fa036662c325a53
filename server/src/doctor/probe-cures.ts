import type { Cure } from "./cure.ts";
import { command, inFile, type Mend } from "./finding.ts";

const unseen = "Who holds a lock that mail waits for is not seen, and so not named.";
const unknown = "Until then it is only known whether it can be connected to, if that.";
const unwritten = "Whether the database takes writes is not known: a probe that only reads calls it well.";

/** What the probes of dependencies say, and the right or the key that is missing. */
export const probeCures: readonly Cure[] = [
  {
    symptom: /role "?([\w.-]+)"? does not exist/,
    why: unknown,
    mend: ([, role = "mailtide"]) =>
      inDatabase(`CREATE ROLE ${role} LOGIN CONNECTION LIMIT 3 PASSWORD '...'; GRANT pg_monitor TO ${role};`),
  },
  {
    symptom: /no pg_hba\.conf entry|pg_hba\.conf rejects/,
    why: unknown,
    mend: () =>
      inFile(
        "pg_hba.conf, above what refuses it; then SELECT pg_reload_conf()",
        "host all ROLE THIS-HOST/32 scram-sha-256",
      ),
  },
  {
    symptom: /the password is not accepted \(28P01\)/,
    why: unknown,
    mend: () => inDatabase("ALTER ROLE mailtide PASSWORD '...'; -- the one that the url holds; %40 stands for @ there"),
  },
  {
    symptom: /or the role may not come from here \(1045\)/,
    why: unknown,
    mend: () =>
      inDatabase(
        "CREATE USER mailtide@'THIS-HOST' IDENTIFIED BY '...' WITH MAX_USER_CONNECTIONS 3; GRANT PROCESS ON *.* TO mailtide@'THIS-HOST';",
      ),
  },
  {
    symptom: /\((?:WRONGPASS|NOAUTH)\)/,
    why: "Until then nothing is known of this Redis.",
    mend: () => inDatabase("ACL SETUSER mailtide on >PASSWORD resetkeys -@all +ping +info"),
  },
  {
    symptom: /the bind is refused: the DN or the password is wrong/,
    why: "Until then nothing is known of this directory.",
    mend: () => command("ldapwhoami -x -H URL -D DN -W # the DN and the password of bind, as this user types them"),
  },
  {
    symptom: /the platform took a mail.* which was not back/,
    why: "Either it still waits there, or the platform delivers it elsewhere than to where it is awaited (listen, mailbox).",
    mend: () =>
      command(
        "grep 'mailtide-probe' /var/log/mail.log # relay= of the last line: is it the address of listen? See its README, Permissions",
      ),
  },
  {
    symptom: /the role is not in pg_monitor/,
    why: unseen,
    mend: () => inDatabase("GRANT pg_monitor TO mailtide; -- the role of privileged"),
  },
  {
    symptom: /PROCESS.*\(1227\)/,
    why: unseen,
    mend: () => inDatabase("GRANT PROCESS ON *.* TO mailtide@'%'; -- the role of privileged"),
  },
  {
    symptom: /plugin metadata_lock_info is not loaded/,
    why: unseen,
    mend: () => inDatabase("INSTALL SONAME 'metadata_lock_info';"),
  },
  {
    symptom: /the user may not INFO/,
    why: "Memory that runs full, replicas and failed snapshots are not seen before they stop mail.",
    mend: () => inDatabase("ACL SETUSER mailtide +ping +info"),
  },
  {
    symptom: /the user may not (PING|write)/,
    why: "Until then nothing is known of this Redis.",
    mend: ([, right]) =>
      inDatabase(
        right === "PING" ? "ACL SETUSER mailtide +ping +info" : "ACL SETUSER mailtide +set ~THE-KEY-OF-THE-CANARY",
      ),
  },
  {
    symptom: /the write canary: .*permission denied for table "?([\w.]+)"? \(42501\)/,
    why: unwritten,
    mend: ([, table = ""]) => inDatabase(`GRANT SELECT, UPDATE ON ${table} TO ROLE_OF_URL;`),
  },
  {
    symptom: /the write canary: .*command denied to user '?(\w*).*for table (?:`\w*`\.)?[`']?(\w+).*\(1142\)/,
    why: unwritten,
    mend: ([, user = "", table = ""]) => inDatabase(`GRANT SELECT, UPDATE ON ${table} TO ${user}@'%';`),
  },
  {
    symptom: /the server takes no anonymous bind/,
    why: "Nothing is known of this directory.",
    mend: () =>
      inFile(
        "mailtide.yaml, in that dependency",
        'bind: { dn: "cn=mailtide,dc=example,dc=net", password: { env: MAILTIDE_LDAP_PASSWORD } }',
      ),
  },
  {
    symptom: /the server wants TLS first/,
    why: "Nothing is known of this directory.",
    mend: () => inFile("mailtide.yaml, in that dependency", "startTls: true"),
  },
  {
    symptom: /the search .*\((?:32|50)\)/,
    why: "Whether mail's own look-ups find anything is not known.",
    mend: () => ({
      where: "in the directory, olcAccess of the database, before the others",
      lines: [
        'olcAccess: to dn.subtree="BASE OF THE SEARCH" attrs=entry,objectClass,mail,uid by dn.exact="DN OF THE BIND" read by * break',
      ],
    }),
  },
  {
    symptom: /says REFUSED to every name/,
    why: "A resolver that does not answer this host tells nothing of those that mail hosts get.",
    mend: () => inFile("unbound.conf, below server: (BIND: allow-recursion)", "access-control: THIS-HOST/32 allow"),
  },
  {
    symptom: /signs? the certificate is not known here|signed by an authority that is not known here/,
    why: "Each look at it fails, and what is really wrong with it one day will not stand out.",
    mend: () => inFile("mailtide.yaml, in that dependency", "ca: /PATH/TO/THE-AUTHORITY.pem"),
  },
  {
    symptom: /refused while signing in|refused at AUTH/,
    why: "Nobody is let in with this user and this password, or the server cannot check them now.",
    mend: () =>
      inFile(
        "mailtide.yaml, in that dependency, where it signs in",
        "user: NAME",
        "password: { env: NAME-OF-A-VARIABLE }",
      ),
  },
  {
    symptom: /does not offer STARTTLS here/,
    why: "No password goes out in clear, so that no mail is sent or read.",
    mend: () => inFile("mailtide.yaml, in that dependency", "tls: implicit # with its port: 465 to send, 993 to read"),
  },
  {
    symptom: /does not offer AUTH here/,
    why: "This port takes mail from the world, and customers sign in at another.",
    mend: () => inFile("mailtide.yaml, in that dependency", "port: 587 # or without auth"),
  },
  {
    symptom: /refused while opening the folder/,
    why: "The test mail is read in this folder, and until it could be opened none is sent.",
    mend: () => inFile("mailtide.yaml, in that dependency, below mailbox", "folder: INBOX"),
  },
  {
    symptom: /the server offers no STARTTLS/,
    why: "Mail goes to and from it in plain text.",
    mend: () => command("postconf -e 'smtpd_tls_security_level = may' && postfix reload # with smtpd_tls_chain_files"),
  },
];

const inDatabase = (statement: string): Mend => ({
  where: "run in the database, as its administrator",
  lines: [statement],
});
