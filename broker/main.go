// Command broker brings customers and reps together and relays for those who
// can't reach each other. It never sees what they say or show.
//
// It starts no other process and has no set-up page: whoever may run this
// command next to the broker's data is its administrator.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // hours of portals and days of reports, also where the system knows no zones

	"handrail/broker/lobby"
	"handrail/broker/store"
	"handrail/shared/words"
)

// Exit codes.
const (
	exitGood   = 0
	exitFailed = 1
	exitUsage  = 2
	// exitReplaced is of a broker that another one has taken the place of: whoever
	// starts it again would only throw that one out.
	exitReplaced = 3
)

// command is what a verb works with.
type command struct {
	verb        string
	out, notice io.Writer // standard output and error
	say         words.Speaker
}

// trouble is why a verb can't do what it was told, in a sentence for the
// administrator. Its cause is for the log.
type trouble struct {
	sentence words.Sentence
	args     []any
	cause    error // nil where the sentence says it all
	misused  bool  // the command line is wrong
}

func (t *trouble) Error() string {
	if t.cause != nil {
		return t.cause.Error()
	}
	return string(t.sentence)
}

func (t *trouble) Unwrap() error { return t.cause }

// sorry makes a trouble.
func sorry(cause error, sentence words.Sentence, args ...any) error {
	return &trouble{sentence: sentence, args: args, cause: cause}
}

// misuse is a trouble of the command line itself.
func misuse(sentence words.Sentence, args ...any) error {
	return &trouble{sentence: sentence, args: args, misused: true}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(do(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// do carries out one command line and gives the exit code.
func do(ctx context.Context, args []string, out, notice io.Writer) int {
	c := &command{out: out, notice: notice}
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		fmt.Fprint(out, c.say.Say(words.BrokerUsage))
		return exitGood
	}
	c.verb = args[0]
	verbs := map[string]func(context.Context, []string) error{
		"run": c.run, "enrol": c.enrol, "site": c.site, "reps": c.reps, "revoke-rep": c.revokeRep,
		"backup": c.backup, "restore": c.restore, "first-admin": c.firstAdmin,
		"verify-audit": c.verifyAudit,
		"export":       c.export, "apply": c.apply,
		"organisation-key": c.organisationKey, "certify": c.certify, "certificates": c.certificates,
		"open-transcript": c.openTranscript,
	}
	verb := verbs[c.verb]
	if verb == nil {
		fmt.Fprintln(notice, c.say.Say(words.BrokerNoVerb, c.verb))
		return exitUsage
	}
	err := verb(ctx, args[1:])
	var t *trouble
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitGood
	case errors.As(err, &t):
		if t.cause != nil {
			logger(notice, false).Error("can't go on", "error", t.cause)
		}
		fmt.Fprintln(notice, c.say.Say(t.sentence, t.args...))
		switch {
		case t.misused:
			return exitUsage
		case errors.Is(t.cause, lobby.ErrSameAddress):
			return exitReplaced
		}
	default:
		logger(notice, false).Error("can't go on", "error", err)
		fmt.Fprintln(notice, c.say.Say(words.BrokerFailed))
	}
	return exitFailed
}

// databaseVariable may hold the address of the database with its password,
// which must not stand on a command line: everybody on the machine can read it
// there.
const databaseVariable = "HANDRAIL_DATABASE"

// tellsPassword says whether a database's address holds a password. One that
// can't be understood, such as that of several hosts, rather tells one than not.
func tellsPassword(address string) bool {
	u, err := url.Parse(address)
	if err == nil {
		if _, tells := u.User.Password(); tells || u.Query().Has("password") {
			return true
		}
	} else if _, rest, is := strings.Cut(address, "://"); is {
		who, _, _ := strings.Cut(rest, "?")
		at := strings.LastIndex(who, "@")
		if at >= 0 && strings.Contains(who[:at], ":") {
			return true
		}
	}
	// Or key=value pairs, or what is left of a query.
	return strings.Contains(strings.Join(strings.Fields(strings.ToLower(address)), ""), "password=")
}

// flags makes the set of a verb's settings, with those that say where its data
// is: the place is filled in by parse.
func (c *command) flags(data words.Sentence) (*flag.FlagSet, *store.Place) {
	f, p := c.plainFlags(), &store.Place{}
	f.StringVar(&p.Dir, "data", "", c.say.Say(data))
	f.StringVar(&p.Database, "database", "", c.say.Say(words.FlagDatabase))
	return f, p
}

// plainFlags makes the set of settings of a verb that needs no data.
func (c *command) plainFlags() *flag.FlagSet {
	f := flag.NewFlagSet("broker "+c.verb, flag.ContinueOnError)
	f.SetOutput(io.Discard) // read says what is wrong, once
	return f
}

// read reads the settings, and no more than so many words beside them.
func (c *command) read(f *flag.FlagSet, args []string, plain int) error {
	err := f.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		f.SetOutput(c.out)
		f.PrintDefaults()
		return err
	case err != nil:
		return misuse(words.BrokerBadFlag, upperFirst(err.Error()), c.verb)
	case f.NArg() > plain:
		return misuse(words.BrokerTooManyWords, f.Arg(plain), c.verb)
	}
	return nil
}

// parse reads a verb's settings.
func (c *command) parse(f *flag.FlagSet, p *store.Place, args []string, plain int) error {
	if err := c.read(f, args, plain); err != nil {
		return err
	}
	switch {
	case p.Dir == "":
		return misuse(words.BrokerNeedsData)
	case tellsPassword(p.Database):
		return misuse(words.BrokerDatabasePassword, databaseVariable)
	}
	p.Database = cmp.Or(p.Database, os.Getenv(databaseVariable))
	return nil
}

// upperFirst makes a sentence of what package flag says, which names the
// setting and is written for the one who typed it.
func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
