package words

import (
	"handrail/shared/session"
	"handrail/shared/wire"
)

// What the list says when the three words were compared, or, to the rep, when a
// certificate has taken their place.
const (
	youVerified  Sentence = "You and %s read the same three words: nobody stands between you."
	theyVerified Sentence = "%s is certain who you are: nobody stands between you."
)

// verifiedLine says so to the reader.
func (s Speaker) verifiedLine(st session.State) string {
	if st.Role == wire.RoleCustomer {
		return s.About(youVerified, st)
	}
	return s.About(theyVerified, st)
}

// What the broker's command says about the organisation's key.
const (
	FlagKeyOut          Sentence = "file to make the organisation's new key in; keep it, and a copy, away from the broker"
	FlagKeyOf           Sentence = "file with the organisation's key, to print its public half again"
	FlagKeyFile         Sentence = "file with the organisation's key"
	FlagKeyPassphrase   Sentence = "file with the passphrase that seals the organisation's key, - for standard input"
	FlagDays            Sentence = "how many days the certificates hold"
	FlagConsole         Sentence = "public key of one console, as rep-console --print-console-key prints it"
	FlagCertifiedName   Sentence = "name of its rep, as customers will see it"
	FlagRequests        Sentence = "file that broker certificates --export-requests has written, - for standard input; without --only or --all what is in it is listed"
	FlagOnly            Sentence = "numbers of the requests to sign, such as 1,3"
	FlagAll             Sentence = "sign all requests"
	FlagReader          Sentence = "let the console open sealed transcripts"
	FlagReaders         Sentence = "numbers of the signed requests whose consoles may open sealed transcripts, such as 1,3, or all"
	FlagOrganisationKey Sentence = "public half of the organisation's key, as broker organisation-key prints it; from then on broker site tells it to the programs"
	FlagOtherKey        Sentence = "take --organisation-key in place of another one that is known, and forget what was signed with that"
	FlagExportRequests  Sentence = "print which consoles have no certificate, or one that ends within 30 days, for broker certify"
	FlagImport          Sentence = "file that broker certify has written, - for standard input; the broker hands the certificates to the consoles"
	FlagNoReader        Sentence = "public key of a console that may open sealed transcripts no more"

	KeyNeedsFile  Sentence = "Say where the organisation's key shall be: --out FILE makes one, --of FILE prints the public half of one."
	KeyThere      Sentence = "%s is there already. An organisation's key is never written over; take another name."
	KeyNotWritten Sentence = "The organisation's key cannot be written to %s."
	KeyNotRead    Sentence = "%s is no organisation's key, or not all of it."
	KeyPassphrase Sentence = "The organisation's key was sealed with another passphrase."
	KeyMade       Sentence = `%s holds the organisation's key, sealed. Keep it and its passphrase in different places, with a copy, and never on the broker. This is its public half, for broker certificates --organisation-key:`

	CertifyNeeds          Sentence = "Say what is to be signed: --console KEY --name NAME, or --requests FILE."
	CertifyNeedsName      Sentence = "Say the rep's name as customers shall see it: --name NAME"
	CertifyBadConsole     Sentence = "%q is no console's key. rep-console --print-console-key prints it."
	CertifyBadDays        Sentence = "A certificate holds for 1 to %d days."
	CertifyBadNumber      Sentence = "%q is not the number of a request; there are %d."
	CertifyReaderOfOne    Sentence = "--reader belongs to --console. With --requests, say which of them may open transcripts: --readers NUMBERS or --readers all"
	CertifyReadersOfFile  Sentence = "--readers belongs to --requests. With --console, say --reader"
	CertifyReaderUnsigned Sentence = "The console of %s is to open transcripts, but is not signed. Name it in --only, too."
	ReadersGranted        Sentence = "May open sealed transcripts: %d."
	RequestHeads          Sentence = "NUMBER\tNAME\tCOMPUTER\tCONSOLE'S KEY"
	CertifyCompare        Sentence = "Nothing is signed yet. Whose consoles these are is what the broker says: ask each rep for what rep-console --print-console-key prints and compare. Then sign those that are right with --only NUMBERS, or --all."
	Certified             Sentence = "Signed: %d. Bring what is printed to the broker: broker certificates --import FILE"
	RequestsNotRead       Sentence = "The requests cannot be read from %s. Take the file as broker certificates --export-requests has written it."

	NoOrganisationKey    Sentence = "The broker does not know the organisation's key yet. Make one, away from the broker, with broker organisation-key --out FILE, and tell the broker its public half: broker certificates --organisation-key KEY"
	BadOrganisationKey   Sentence = "%q is not what broker organisation-key prints."
	OrganisationKeyKept  Sentence = "From now on broker site tells the programs the organisation's key. Give them the new site.json when the reps' consoles have their certificates: programs that have it turn reps without one away, except where customers come with a session key."
	OtherOrganisationKey Sentence = "The broker knows another organisation's key. With this one in its place it forgets all consoles' certificates, the key that transcripts are sealed for, and who may read them (%d consoles now). Programs with the site.json of now would turn every rep away until they have the new one. Nothing has been changed; add --yes if that is what you want."
	CertificatesNotRead  Sentence = "The certificates cannot be read from %s. Take the file as broker certify has written it."
	CertificateRefused   Sentence = "Certificate number %d is not signed by the organisation's key, or does not hold now. Nothing was taken in."
	CertificateStray     Sentence = "One of the certificates is for a console that is not known here. Nothing was taken in."
	CertificatesKept     Sentence = "Taken in: %d. Consoles that are connected have theirs within seconds."
	RecordKeyRefused     Sentence = "The record key in the file is not signed by the organisation's key. Nothing was taken in."
	GrantRefused         Sentence = "A grant in the file is not one that broker certify has made. Nothing was taken in."
	GrantsKept           Sentence = "Consoles let in to sealed transcripts: %d."
	NoSuchReader         Sentence = "That console has not been let in to sealed transcripts."
	ReaderOut            Sentence = "The broker hands that console nothing more to open transcripts with. What it has opened, it may have kept."
	Uncertified          Sentence = "Consoles that need a certificate: %d."
)
