// Package admin lets people into the administration and shows who they are:
// signing in with a password and a second factor, with a passkey or through an
// identity provider; the first administrator; passwords that are lost; people,
// teams, roles; the audit log; consoles that ask for a login; and the end of
// everything that is open (rows A01, A02, A04, A06, K01).
//
// What is allowed is decided in package people, and kept by the store in the
// transaction in which it is decided. This package shows it and asks for it: a
// page whose button is missing is no protection.
package admin

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"handrail/broker/chain"
	"handrail/broker/lobby"
	"handrail/broker/locks"
	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/broker/web"
)

//go:embed *.html
var pageFiles embed.FS

//go:embed static
var staticFiles embed.FS

var (
	pages = web.Parse(pageFiles, "*.html")
	files = web.NewFiles("/login/static/", staticFiles)
)

// Accounts keeps what reps sign in with.
type Accounts interface {
	Credentials(ctx context.Context, rep uint64) (people.Credentials, error)
	SetPassword(ctx context.Context, rep uint64, phc string, keep people.Hash, now time.Time) error
	UpgradePassword(ctx context.Context, rep uint64, old, phc string) error
	SetTOTP(ctx context.Context, rep uint64, sealed []byte, now time.Time) error
	StepTOTP(ctx context.Context, rep uint64, step int64, now time.Time) error
	DropTOTP(ctx context.Context, rep uint64, now time.Time) error
	AddPasskey(ctx context.Context, k people.Passkey) error
	UsePasskey(ctx context.Context, k people.Passkey, now time.Time) error
	DropPasskey(ctx context.Context, rep uint64, id []byte, now time.Time) error
	SetRecoveryCodes(ctx context.Context, rep uint64, hashes []people.Hash, now time.Time) error
	UseRecoveryCode(ctx context.Context, rep uint64, hash people.Hash, now time.Time) error
}

// Logins keeps who is signed in, and how often somebody tried.
type Logins interface {
	AddLogin(ctx context.Context, l people.Login) error
	Login(ctx context.Context, token people.Hash, now time.Time) (people.Login, error)
	SeeLogin(ctx context.Context, token people.Hash, now, expires time.Time) error
	FactorDone(ctx context.Context, old, token people.Hash, now, expires time.Time) error
	EndLogin(ctx context.Context, token people.Hash) error
	EndLoginOf(ctx context.Context, rep uint64, token people.Hash, now time.Time) error
	EndOtherLogins(ctx context.Context, rep uint64, but people.Hash, now time.Time) error
	Logins(ctx context.Context, rep uint64) ([]people.Login, error)
	Try(ctx context.Context, subject people.Hash, p people.Patience, now time.Time) (time.Duration, error)
	Right(ctx context.Context, subject people.Hash, all bool) error
	Spend(ctx context.Context, what people.Hash, expires time.Time) error
	PruneLogins(ctx context.Context, before time.Time) error

	Consoles(ctx context.Context, rep uint64) ([]people.Console, error)
	RevokeConsole(ctx context.Context, by, rep, id uint64, now time.Time) error
	PairByCode(ctx context.Context, code people.Hash, now time.Time) (people.Pair, error)
	AnswerPair(ctx context.Context, code people.Hash, rep uint64, yes bool, now time.Time) error
}

// Staff keeps who works here, and how they come in without a password.
type Staff interface {
	Organisation(ctx context.Context) (people.Organisation, error)
	Change(ctx context.Context, by uint64, c people.Change, now time.Time) (uint64, error)
	Meet(ctx context.Context, w people.Word, now time.Time) (people.Rep, error)
	JoinProvider(ctx context.Context, rep uint64, w people.Word, now time.Time) error
	KnownAt(ctx context.Context, rep uint64) ([]people.Known, error)
	SetMappedRoles(ctx context.Context, rep uint64, decided, held []string, now time.Time) (bool, error)
	First(ctx context.Context, secret people.Hash, now time.Time) error
	TakeFirst(ctx context.Context, secret people.Hash, r people.Rep, phc string, now time.Time) (uint64, error)
	StartReset(ctx context.Context, link people.Hash, by, rep uint64, lost bool, now time.Time) (people.Reset, error)
	Reset(ctx context.Context, link people.Hash, now time.Time) (people.Reset, error)
	Resets(ctx context.Context, now time.Time) ([]people.WaitingReset, error)
	ApproveReset(ctx context.Context, link people.Hash, by uint64, now time.Time) error
	OpenReset(ctx context.Context, link people.Hash, now time.Time) error
	CancelReset(ctx context.Context, link people.Hash, by uint64, now time.Time) error
	UseReset(ctx context.Context, link people.Hash, phc string, now time.Time) error
	RevokeEverything(ctx context.Context, by uint64, keep people.Hash, now time.Time) error
}

// Log keeps what was done.
type Log interface {
	Audit(ctx context.Context, f people.AuditFilter) ([]chain.Entry, error)
	AuditHead(ctx context.Context) (uint64, chain.Hash, error)
	VerifyAudit(ctx context.Context) (uint64, chain.Hash, error)
	Note(ctx context.Context, by uint64, act, about string, now time.Time) error
}

// Store keeps everything that these pages show.
type Store interface {
	Accounts
	Logins
	Staff
	Log
}

// Config is what the pages need.
type Config struct {
	Store     Store
	Passwords *locks.Passwords
	Sealer    *locks.Sealer
	Passkeys  *locks.Passkeys // nil where the host has no name, which passkeys need

	Origin       string                                         // how browsers reach these pages: https://host:port
	Organisation func() string                                  // its name
	People       func(context.Context) (settings.People, error) // what holds for everybody who works here
	Floor        func() lobby.Floor                             // what goes on now; nil: not known
	Changed      func()                                         // people, teams or roles are not as before; may be nil
	Revoked      func()                                         // keys and live sessions end now, too; may be nil
	Client       *http.Client                                   // to identity providers; nil: one with a time limit
	Now          func() time.Time
	Log          *slog.Logger
}

// Frame is the administration's frame: it knows who is signed in.
type Frame struct {
	Config
	mux     *http.ServeMux
	handler http.Handler
	queue   chan struct{} // those who wait for their password to be looked at
	counts  counts

	mu        sync.Mutex
	providers map[string]known // of identity, by issuer
}

// mostWaiting is how many sign-ins wait for a core to hash on. Each takes some
// 20 ms, so the last one has his answer within two seconds.
const mostWaiting = 64

// New makes the pages. It starts nothing; see Run.
func New(c Config) *Frame {
	if c.Client == nil {
		c.Client = &http.Client{Timeout: providerWait}
	}
	if c.Changed == nil {
		c.Changed = func() {}
	}
	if c.Revoked == nil {
		c.Revoked = func() {}
	}
	f := &Frame{Config: c, mux: http.NewServeMux(), queue: make(chan struct{}, mostWaiting), providers: map[string]known{}}
	f.mux.Handle(files.Prefix(), files)
	f.doorRoutes()
	f.accountRoutes()
	f.staffRoutes()
	f.mux.HandleFunc("/login/", f.known((*visit).missing))
	f.handler = web.Guard(f.sited(f.mux))
	return f
}

// ServeHTTP answers for everything under /login.
func (f *Frame) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.handler.ServeHTTP(w, r) }

// sited says whose pages these are, for those without a login and for failures.
func (f *Frame) sited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site := web.Site{Name: f.Organisation(), Home: "/login/", Lang: "en", Style: files.URL("door.css")}
		next.ServeHTTP(w, r.WithContext(web.WithSite(r.Context(), site)))
	})
}

// Protect lets those through to h who are signed in and have a permission, or
// all who are signed in if it is empty. web.WhoOf tells h who it is.
func (f *Frame) Protect(permission people.Permission, h http.Handler) http.Handler {
	return f.sited(f.known(func(v *visit) {
		if permission != "" && !v.who.May[permission] {
			v.refuse()
			return
		}
		h.ServeHTTP(v.w, v.r)
	}))
}

const (
	// pruneEvery is how often what is over is forgotten, and the audit log's
	// end noted.
	pruneEvery = time.Hour
	// keepFor is how long it is kept: as long as people.Patience remembers.
	keepFor = 24 * time.Hour
)

// Run forgets what is over and notes the end of the audit log in the program's
// own log, now and then every hour, until ctx ends.
func (f *Frame) Run(ctx context.Context) error {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		if err := f.tidy(ctx); err != nil && ctx.Err() == nil {
			f.Log.Error("logins that are over can't be forgotten", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// tidy does Run's work once. Whoever compares the lines that it logs with the
// audit log notices one that was written anew as a whole.
func (f *Frame) tidy(ctx context.Context) error {
	if err := f.Store.PruneLogins(ctx, f.Now().Add(-keepFor)); err != nil {
		return fmt.Errorf("tidying up: %w", err)
	}
	seq, head, err := f.Store.AuditHead(ctx)
	if err != nil {
		return fmt.Errorf("tidying up: %w", err)
	}
	f.Log.Info("audit log", "entries", seq, "head", fmt.Sprintf("%x", head[:]))
	return nil
}
