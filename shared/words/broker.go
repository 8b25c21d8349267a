package words

// BrokerUsage is what the broker's command says about itself.
const BrokerUsage Sentence = `Handrail's broker brings customers and reps together. Usage:

  broker run --data DIR [--public HOST[:PORT]] [--name ORGANISATION] …
        Serves until it is told to stop.
  broker enrol --data DIR --name NAME
        Prints a code with which one rep can sign in for the first time,
        within 24 hours.
  broker first-admin --data DIR
        Prints a code with which somebody becomes the first administrator,
        within an hour.
  broker verify-audit --data DIR [--noted NUMBER:HASH]
        Checks that nobody has changed the log of administrative acts.
  broker site --data DIR
        Prints site.json, which tells the programs where their broker is.
  broker reps --data DIR
        Lists the reps.
  broker revoke-rep --data DIR NUMBER
        Takes a rep off the list; keys and sessions of that rep end at once.
  broker export --data DIR
        Writes all settings and people, with their teams and roles, as a file
        to review.
  broker apply --data DIR [--yes] FILE
        Shows what such a file would change, and with --yes changes it.
  broker backup --data DIR --passphrase-file FILE BACKUP
        Writes everything that makes this broker into one sealed file.
  broker restore --data DIR --passphrase-file FILE BACKUP
        Makes a broker of a backup, where there is none yet.
  broker organisation-key --passphrase-file FILE --out KEYFILE
        Makes the organisation's key, which signs whose consoles are reps'.
  broker certify --key KEYFILE --passphrase-file FILE --requests FILE …
        Signs certificates with it.
  broker certificates --data DIR [--export-requests] [--import FILE] …
        Carries requests out of the broker, and certificates into it.
  broker open-transcript --key KEYFILE --passphrase-file FILE TRANSCRIPT
        Prints what was said in a session, if it was kept sealed.

All but run, restore and the three that work with the organisation's key need
the data of a broker, which may run. Add --help to one for its settings.

Customers who come without a session key read three words aloud with their rep,
or have a program that knows the organisation's key and turns everybody away
whom it has not certified. Not even who runs the broker can then pass for a rep.
In this order, where DESK is a computer that is not the broker:

  DESK    broker organisation-key --passphrase-file secret --out organisation.key
  broker  broker certificates --data DIR --organisation-key PUBLIC
  broker  broker certificates --data DIR --export-requests > requests.json
  DESK    broker certify --requests requests.json
          Compare each key with what that rep's own console prints:
          rep-console --print-console-key
  DESK    broker certify --key organisation.key --passphrase-file secret \
            --requests requests.json --only 1,3 > certificates.json
  broker  broker certificates --data DIR --import certificates.json
  broker  broker site --data DIR, and give the programs the new site.json.
`

// What the broker's settings mean.
const (
	FlagData        Sentence = "folder where the broker keeps its data; made when missing"
	FlagDataKept    Sentence = "folder where the broker keeps its data"
	FlagListen      Sentence = "address to listen on, UDP and TCP for the programs, TCP for browsers, too; port 0 takes a free one"
	FlagTURN        Sentence = "UDP address of the relay for those who cannot reach each other; port 0 takes a free one, off means no relay"
	FlagPublic      Sentence = "host, or host:port, where clients reach the broker from outside"
	FlagNode        Sentence = "where several brokers share a database: host, or host:port, where clients reach this one and no other; usually that of --public"
	FlagRelayIP     Sentence = "IP address that names the relay in what clients tell each other; usually that of --public"
	FlagRelayURL    Sentence = "address of a relay of another kind, such as coturn: turn:relay.example.org:3478?transport=udp, or tcp, or turns:…; may be repeated, or hold several, separated by commas"
	FlagRelaySecret Sentence = "file with the secret of --relay-url (coturn's static-auth-secret)"
	FlagRelayRate   Sentence = "bytes a second that the relay carries for one session, such as 500K, 50M or 2G; what is beyond is dropped"
	FlagRelayTotal  Sentence = "bytes a second that the relay carries altogether"
	FlagName        Sentence = "the organisation's name, shown to customers; kept until another one is given"
	FlagRepName     Sentence = "the rep's name, shown to customers"
	FlagCert        Sentence = "file with the certificate and its chain (PEM); without it the broker makes its own"
	FlagKey         Sentence = "file with the key of --cert (PEM)"
	FlagACME        Sentence = "get certificates that browsers trust for --public and the portals' hosts from an authority (ACME); port 443 of these names must lead to --listen, and it means that you agree to the authority's terms"
	FlagACMEMail    Sentence = "where that authority may write when something is wrong"
	FlagACMEAddress Sentence = "the authority's directory; without it Let's Encrypt's"
	FlagACMERoots   Sentence = "file with the certificates (PEM) by which that directory is recognised; without it the system's"
	FlagStatus      Sentence = "address for those who watch over the broker (/healthz, /readyz, /metrics); it belongs on a private network; without it there is none"
	FlagPrograms    Sentence = "folder with what customers download: handrail-windows.zip, handrail-macos.dmg, handrail-linux.tar.gz"
	FlagPerAddress  Sentence = "how many programs may be connected from one address (one IPv6 /64); raise it where many are behind one router or proxy"
	FlagKeyLife     Sentence = "how long a session key can be used for starting, from 1m to 24h"
	FlagVerbose     Sentence = "log every connection"
)

// What the broker's command answers.
const (
	BrokerEnrolHint   Sentence = "Give this code to %s. It works once, until %s:"
	BrokerRepRevoked  Sentence = "Rep %d may not sign in any more."
	BrokerNoReps      Sentence = "There are no reps yet. Make a code for one: broker enrol --data DIR --name NAME"
	BrokerRepActive   Sentence = "active"
	BrokerRepGone     Sentence = "revoked"
	BrokerRepHeads    Sentence = "NUMBER\tNAME\tSINCE\tSTATE"
	BrokerNoRelayHint Sentence = "There is no relay: customers and reps who cannot reach each other directly will not meet."
	BrokerNewPin      Sentence = "The broker has another key than before. Hand out site.json again: programs that know the key of before refuse this one."
	BrokerOtherKey    Sentence = "The certificate's files have another key. Browsers get the new certificate. Programs still get the key that they know, but only until the broker starts again: hand out site.json again then. Renewals that keep the key (certbot --reuse-key) need none of this."
	BrokerPublicHint  Sentence = "Only this computer can reach the broker, because --public names none of its outside addresses."
)

// Why the broker's command can't do what it was told.
const (
	BrokerNoVerb         Sentence = "broker does not know the command %q. Run broker without anything to see what it can do."
	BrokerBadRoots       Sentence = "%s can't be read, or holds no certificate (PEM)."
	BrokerBadFlag        Sentence = "%s. Run broker %s --help to see the settings."
	BrokerNeedsData      Sentence = "Say where the broker keeps its data: --data DIR"
	BrokerNeedsName      Sentence = "Say the rep's name: --name NAME"
	BrokerNeedsRep       Sentence = "Say the number of the rep, as broker reps prints it."
	BrokerLongName       Sentence = "This name is too long, or holds characters that cannot be shown."
	BrokerBadListen      Sentence = "%q is no address to listen on. Write it like :4443 or 192.0.2.1:4443."
	BrokerBadPublic      Sentence = "%q is no host, nor host:port."
	BrokerBadNode        Sentence = "%q is no host, nor host:port."
	BrokerBadPerAddress  Sentence = "From one address 1 to %d programs can be connected."
	BrokerBadKeyLife     Sentence = "A session key can be used for one minute to 24 hours."
	BrokerBadRelayIP     Sentence = "%q is no IP address."
	BrokerBadRate        Sentence = "%q is no rate for the relay. Write bytes a second as a whole number from 100K to 1000G, such as 500K, 50M or 2G."
	BrokerBadRelayURL    Sentence = "%q is no address of a relay. Write it like turn:relay.example.org:3478?transport=udp, turn:relay.example.org:3478?transport=tcp or turns:relay.example.org:5349?transport=tcp."
	BrokerManyRelays     Sentence = "--relay-url can name at most %d relays."
	BrokerRelayAlone     Sentence = "--relay-url and --relay-secret-file go together."
	BrokerBadRelaySecret Sentence = "The relay's secret cannot be read from %s. The file holds the secret in one line and nothing else; it is coturn's static-auth-secret."
	BrokerNoAddress      Sentence = "The address of %q cannot be found out. Give the relay's with --relay-ip."
	BrokerCertAlone      Sentence = "--cert and --key go together."
	BrokerBadCert        Sentence = "The certificate cannot be used. Look at the files of --cert and --key."
	BrokerBadOwnCert     Sentence = "The broker's own certificate in %s cannot be used. Restore broker.key from a backup; clients know the broker by it."
	BrokerPortInUse      Sentence = "Another program uses %s already. Stop it or take another port."
	BrokerPortDenied     Sentence = "The broker may not listen on %s. Take a port above 1023."
	BrokerCantListen     Sentence = "The broker cannot listen on %s."
	BrokerSameAddress    Sentence = "Another broker serves in this one's place: it has the same address, %s, or the same data. Give each broker of a database its own with --node."
	BrokerTooMany        Sentence = "%d brokers share this database already, and more cannot."
	BrokerCantKeep       Sentence = "The broker cannot keep its data in %s. Make sure that it is a folder, that this user may write there, and that the disk has room."
	BrokerNothingKept    Sentence = "No broker keeps data in %s. Start it once, with broker run, or check the folder's name."
	BrokerNewerData      Sentence = "A newer broker has used %s. Run that version, or restore a backup."
	BrokerNeverRan       Sentence = "The broker has not run with this data yet, so its address is not known. Start it once, with broker run."
	BrokerNoSuchRep      Sentence = "There is no rep %d. broker reps lists all."
	BrokerFailed         Sentence = "The broker has stopped because something of its own failed. The lines above tell what."
)
