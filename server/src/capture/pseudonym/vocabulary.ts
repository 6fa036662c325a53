/**
 * The words that free text may keep: those by which reasons are classed (core/model/reason.ts) and those of which servers'
 * answers, warnings and change titles are made. Every other word is replaced, whatever it is: a list of what is harmless
 * cannot forget a name, as a list of what is personal would.
 */
const words = `
a about access account accept accepted action active added address addresses after again all allocate already also an and anonymous another any
answer appears append are as at attempt attempts auth authenticate authenticated authentication authorized available
bad bare bank be because become been before being between block blocked blocklist blacklist body both bounce bounced branch broken buffer bug but by bytes
cache can cannot certificate certificates chain change changed changes check checked checks cipher class clean client close closed closing code column
command commands complete completed compliance concurrent config configuration configured connect connected connecting connection connections
considered constraint contact contain contains content context conversation copy corrupt could count crash create credentials current
dane data database date day days db dead deadlock deadline decryption default defer deferred delay delayed delays delete delivered deliver delivering delivery
denied deny denylist dependency deploy deployed deployment destination detected deprecated did directory disabled disconnect discarded disk
dkim dmarc dns dnsbl do does domain domains done down downgrade drop dropped due during
each early empty enable enabled encountered encrypt encryption end endpoint enough enter envelope error errors esmtp esmtps exceed exceeded exceeds exchange
exist existing exists exit expired expire extension extended
fail failed failing fails failure failures fast fatal feature field file files filter final find finished fix fixed flag follow for forbidden format forward
forwarded found from full further
gateway general get given good gone got graylist graylisted greylist greylisted greylisting grey-list greeting group
had handle handshake has have having header headers held helo ehlo her here high hold holds hop hops host hostname hosts hour hours http https
id identified identity if illegal imap in inbound inbox incoming incomplete incorrect index information initial input insert insufficient intended interface
internal internet into invalid io ip ipv4 ipv6 is issue issuer it its
job jobs just
keep kept kernel key keys known
large last later ldap least length less let level libmilter light limit limited limiting line lines link list listed listening lmtp load local locate lock
locked log logged login long look lookup lookups loop loops lost low
mail mailbox mailer mailer-daemon mailing maildir mails main maintenance major malformed malware many map mapping match matched max maximal maximum may me mechanism
memory message message-id messages method milter minimum minor minute minutes missing mode module more most move moved ms much must mx mysql
name named names need needed needs negotiated negotiation network new next no node noqueue non normal not notification notified now null number
of off offered ok old on once one online only open opened operation option options or order original other our out outbound outgoing over overquota
packet page parameter parameters parse part partial party pass password patch path peer pending per perform permanent permanently permission permitted ping pipe
pipelining plain please point policy pool port possible post postfix postgres postgresql postgrey postmaster posix prefix present previous primary
problem process processed processes processing prohibited prod production protected protocol provided proxy public push put
query querying queue queued queues quit quota quoted
race ran rate rate-limit ratelimit rbl reached read reading ready real reason reboot receive received receiver receiving recipient recipients record recovery redirect redirected
redis refuse refused regular reject rejected rejecting relay relaying relayed release released reload remote remove removed repeated replace replica replication
reply report reputation request requested require required requires reset resolution resolve resolver resource resources response restart restarted restore restored resume
result retries retry return returned returning reverse revert review right role roll rollback route router rule rules run running
same sasl save saved scan scanned schema script second seconds secondary secure security see seen select send sender sending sends sent sequence server servers
service session sessions set setting settings setup shared should shutdown signal signature signed site size slow small smtp smtpd socket soft software some source space spam
spamhaus specified speed spf sql ssl stage standard start started starting starttls state statement status step still stop stopped storage store string strong sub subject
submission success successful such support supported switch syntax system
table tag take taken talking target task tcp temp temporarily temporary terminated terminating test text than that the their them then there these they this those
thread threads throttled throttling through time timed timeout timeouts times tls to today together token too transaction transactions transfer transport transaction try trigger
trigger trusted turn two type
ubuntu unable unauthenticated unauthorized unavailable undeliverable under unexpected unique unit unknown unlock unreachable unresponsive unsolicited unsupported until
untrusted unusual up update updated updates upgrade upgraded uid url usage use used user users using utf-8
valid value values vacuum verification verified verify version via view violation virtual virus visit
wait waiting waits want warn warning was we web were when where which while whitelist who why will window with within without worker would write writing wrong
xclient xforward yes yet you your zone
closed eof errno ssl3 sslv3 tlsv1 rcpt bdat vrfy etrn noop rset unix dev var spool smarthost etc run private bin usr lib
asn cname aaaa txt ptr soa nxdomain servfail rrset trustanchor dnssec tlsa
alert black busy ca died ee ex_tempfail fingerprint self-signed sha1 sha256 subjectaltname
expn gave i improper likely mxs newline nullmx o permit plaintext potential quickly records relevant renegotiation retrieve turn untrusted
css pbl sbl spammer tried xbl zen
back deleting folder h looking min opening platform s signing took
`;
const vocabulary: ReadonlySet<string> = new Set(words.split(/\s+/).filter((word) => word !== ""));
/** Words of classes that are looked for as parts of longer ones. */
const stems = /^(?:throttl|greylist|graylist|greylisting|ratelimit|overquota|blocklist|denylist)[a-z]{0,4}$/;

/** A word, or a word made of several by hyphens and the like. */
export function isHarmless(word: string): boolean {
  const lower = word.toLowerCase();
  if (vocabulary.has(lower) || stems.test(lower)) return true;
  const parts = lower.split(/[-_']/);
  return (
    parts.length > 1 && parts.length <= 6 && parts.every((part) => vocabulary.has(part) || part === "s" || part === "t")
  );
}
