// Package settings is what an administrator decides about portals (rows P01 to
// P08, W01 to W08, E02, A03, T01): texts, ways to begin, forms, hours, notices,
// surveys, what reps may do in sessions and what is kept of these. It checks
// what is written, fills in what is not, and compares one state with another, so
// that a change can be reviewed. It keeps nothing.
package settings

import (
	"time"

	"handrail/broker/hours"
	"handrail/broker/policy"
	"handrail/shared/wire"
)

// Settings are all of an organisation's, except its people.
type Settings struct {
	// Portals by ID. There is always one with the ID Main, which answers for
	// host names that no other one has.
	Portals map[string]Portal `json:"portals"`
	// Policies of teams, of reps and for everybody (A03); a portal's is its own.
	TeamPolicies  map[uint64]policy.Policy `json:"teamPolicies,omitempty"`
	RepPolicies   map[uint64]policy.Policy `json:"repPolicies,omitempty"`
	DefaultPolicy policy.Policy            `json:"defaultPolicy,omitempty"`
	Queues        Queues                   `json:"queues"`
	People        People                   `json:"people"`
	Hooks         []Hook                   `json:"hooks,omitempty"`
	Syslog        *Syslog                  `json:"syslog,omitempty"`
	Records       Records                  `json:"records,omitzero"`
}

// Main is the ID of the portal that is always there.
const Main = "main"

// Portal is one public site.
type Portal struct {
	ID    string   `json:"id"`   // letters, digits and hyphens, for good
	Name  string   `json:"name"` // what customers read: the organisation's, or a brand's
	Hosts []string `json:"hosts,omitempty"`
	// Languages are BCP 47 tags of the languages that are offered, the one for
	// everybody else first. Empty is English.
	Languages []string `json:"languages,omitempty"`
	Look      Look     `json:"look"`
	Starts    Starts   `json:"starts"`

	Hours   hours.Schedule `json:"hours,omitzero"`
	Notices []Notice       `json:"notices,omitempty"`
	Issues  []Issue        `json:"issues,omitempty"`
	Form    Form           `json:"form"`

	Agreement Agreement     `json:"agreement"`
	Recording bool          `json:"recording,omitempty"` // customers are asked whether they may be recorded
	Waiting   Waiting       `json:"waiting"`
	Nobody    Nobody        `json:"nobody"`
	Lost      Lost          `json:"lost"`
	Survey    []Question    `json:"survey,omitempty"`
	RepSurvey []Question    `json:"repSurvey,omitempty"` // what the rep is asked
	ExitURL   string        `json:"exitUrl,omitempty"`   // https; opened at the end, after the survey
	Policy    policy.Policy `json:"policy,omitempty"`

	// Texts are the portal's own, by language and then by name (W08). What is
	// not here is said in the words of Defaults.
	Texts map[string]map[TextName]string `json:"texts,omitempty"`
}

// Look is how a portal looks. Empty fields are Handrail's own.
type Look struct {
	Colour string `json:"colour,omitempty"` // "#rrggbb", of buttons and links
	Logo   []byte `json:"logo,omitempty"`   // PNG or JPEG, at most MaxLogo bytes
}

// Starts are the ways in which customers begin.
type Starts struct {
	Key    bool `json:"key"` // with a session key
	Reps   bool `json:"reps,omitempty"`
	Issues bool `json:"issues,omitempty"`
}

// Notice is something that many customers should know (P07), in the simple
// formatting of package prose.
type Notice struct {
	ID     uint64    `json:"id"`
	Title  string    `json:"title"`
	Text   string    `json:"text"`
	Until  time.Time `json:"until,omitzero"` // zero: until it is taken away
	Leave  bool      `json:"leave,omitempty"`
	Pushed bool      `json:"pushed,omitempty"` // to those who wait already, too
}

// Issue is a kind of trouble that a customer can choose (P05).
type Issue struct {
	ID    string            `json:"id"`
	Names map[string]string `json:"names"` // by language
	Team  uint64            `json:"team"`
}

// Form is what the issue form asks for beside name, company and description.
type Form struct {
	CompanyCode bool    `json:"companyCode,omitempty"`
	Fields      []Field `json:"fields,omitempty"`
}

// Field is a field of an organisation's own.
type Field struct {
	ID       string            `json:"id"`
	Names    map[string]string `json:"names"` // by language
	Required bool              `json:"required,omitempty"`
}

// Agreement is what customers accept before they wait (W01).
type Agreement struct {
	On      bool `json:"on,omitempty"`
	Minutes int  `json:"minutes,omitempty"` // 1 to 30; 0 is 5
}

// Waiting is what customers hear while they wait (W03, W04).
type Waiting struct {
	Position  bool `json:"position,omitempty"`
	Estimate  bool `json:"estimate,omitempty"`
	HoldEvery int  `json:"holdEvery,omitempty"` // seconds, 10 to 3600; 0 is 60; -1 is never
}

// Nobody is what happens when nobody is there (W05).
type Nobody struct {
	URL     string `json:"url,omitempty"`     // https; opened in the customer's browser
	Minutes int    `json:"minutes,omitempty"` // after so long with nobody signed in; 0: at once
	Stay    bool   `json:"stay,omitempty"`    // customers wait all the same
}

// Lost is what happens when the rep of a session is lost (W07). The steps are
// tried in this order, each unless it is off; after the last the session ends.
type Lost struct {
	NoOtherRep   bool   `json:"noOtherRep,omitempty"`   // the rep longest in the session beside
	NoLastQueue  bool   `json:"noLastQueue,omitempty"`  // where the customer waited last
	NoFirstQueue bool   `json:"noFirstQueue,omitempty"` // and first
	Fallback     string `json:"fallback,omitempty"`     // "team:3" or "general"; empty: none
	After        int    `json:"after,omitempty"`        // seconds the rep may be away; 0 is 60
}

// Queues are how queues behave in the whole organisation.
type Queues struct {
	// Persistent are queues that never end a session: customers wait there
	// though nobody is.
	Persistent []string `json:"persistent,omitempty"`
}

// People is what holds for everybody who works here.
type People struct {
	IdleMinutes   int      `json:"idleMinutes,omitempty"`   // 0 is people's default
	ConsoleHours  int      `json:"consoleHours,omitempty"`  // how long a login of a console lasts; 0 is 12
	NeedFactor    bool     `json:"needFactor,omitempty"`    // nobody without a second factor or a passkey
	OIDC          *OIDC    `json:"oidc,omitempty"`          // nil: none
	LoginNetworks []string `json:"loginNetworks,omitempty"` // CIDR; empty: from anywhere
}

// OIDC is an identity provider (OpenID Connect Core 1.0).
type OIDC struct {
	Name     string `json:"name"` // on the button
	Issuer   string `json:"issuer"`
	ClientID string `json:"clientId"`
	// Secret is sealed by the broker and never exported.
	Secret []byte            `json:"secret,omitempty"`
	Roles  map[string]string `json:"roles,omitempty"` // from a value of the claim "groups" to a role
}

// Question is one of a survey (E02): the customer's or the rep's.
type Question struct {
	ID       uint32              `json:"id"` // for good: reports count by it
	Form     wire.Form           `json:"form"`
	Texts    map[string]string   `json:"texts"`             // by language
	Options  []map[string]string `json:"options,omitempty"` // by language
	Required bool                `json:"required,omitempty"`
}

// Hook is a program elsewhere that hears what happens (T03).
type Hook struct {
	ID     string   `json:"id"`
	URL    string   `json:"url"`              // https
	Events []string `json:"events,omitempty"` // of lobby's facts; empty: all
	Secret []byte   `json:"secret,omitempty"` // sealed by the broker and never exported
	Off    bool     `json:"off,omitempty"`
	// Private lets the address be one of the organisation's own network.
	Private bool `json:"private,omitempty"`
}

// Syslog is a server that hears what happens (RFC 5424 over TLS, RFC 5425).
type Syslog struct {
	Address string `json:"address"`      // host:port
	CA      string `json:"ca,omitempty"` // PEM; empty: the system's
	// Personal lets names and what customers wrote be told, too.
	Personal bool `json:"personal,omitempty"`
}
