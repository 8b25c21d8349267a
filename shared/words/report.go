package words

// Reports: what the pages are called.
const (
	ReportTitle     Sentence = "Reports"
	ReportSessions  Sentence = "Sessions"
	ReportSummary   Sentence = "Summary"
	ReportSurvey    Sentence = "Survey"
	ReportKinds     Sentence = "Kinds of report"
	ReportSession   Sentence = "Session of %s"
	ReportUnnamed   Sentence = "somebody without a name"
	ReportNoName    Sentence = "No name"
	ReportAllLead   Sentence = "Sessions of the whole organisation."
	ReportTeamsLead Sentence = "Sessions of the teams you lead, and your own."
	ReportOwnLead   Sentence = "The sessions that you took part in."
	ReportTimes     Sentence = "Times are those of %s."
	ReportDays      Sentence = "Days begin and end by the clock of %s."
	ReportMade      Sentence = "Made on %s"
	ReportFile      Sentence = "Handrail, %s"
)

// Reports: filters.
const (
	ReportFrom      Sentence = "From"
	ReportUntil     Sentence = "Until"
	ReportCustomer  Sentence = "Customer's name"
	ReportCompany   Sentence = "Company"
	ReportCode      Sentence = "Company code"
	ReportPortal    Sentence = "Portal"
	ReportTeam      Sentence = "Team"
	ReportRep       Sentence = "Rep"
	ReportIssue     Sentence = "Issue"
	ReportOutcome   Sentence = "Outcome"
	ReportRating    Sentence = "Rating"
	ReportAny       Sentence = "Any"
	ReportMore      Sentence = "More filters"
	ReportShow      Sentence = "Show"
	ReportClear     Sentence = "Clear"
	ReportBadDate   Sentence = "Write a date like 2026-03-31."
	ReportBackwards Sentence = "This is before the day it begins with."
	ReportTooLong   Sentence = "At most %d characters fit here."
	ReportBadChoice Sentence = "Choose one of the list."
	ReportBadFilter Sentence = "The file was not made, because a filter cannot be understood. Go back and check the filters."
	ReportBetween   Sentence = "%s to %s"
	ReportSince     Sentence = "since %s"
	ReportUpTo      Sentence = "until %s"
	ReportAllTime   Sentence = "all dates"
)

// Reports: lists.
const (
	ReportCame       Sentence = "Came"
	ReportWho        Sentence = "Customer"
	ReportWaited     Sentence = "Waited"
	ReportLasted     Sentence = "Lasted"
	ReportNone       Sentence = "No sessions here"
	ReportNoneHint   Sentence = "No session fits these filters. Try other dates, or clear the filters."
	ReportNoneEver   Sentence = "When customers come, their sessions appear here."
	ReportNewer      Sentence = "Newer"
	ReportOlder      Sentence = "Older"
	ReportNewest     Sentence = "Newest"
	ReportPages      Sentence = "Pages"
	ReportSave       Sentence = "Save as"
	ReportSaveHint   Sentence = "A file holds the newest %s at most; the PDF %s. A PDF shows Latin, Greek and Cyrillic letters; HTML shows all."
	ReportCut        Sentence = "There are more sessions than fit here. Choose fewer days to see the others."
	ReportTrouble    Sentence = "The rest could not be read. Try again in a moment."
	ReportNobodyRep  Sentence = "Nobody"
	ReportNoTeam     Sentence = "No team"
	ReportNoPortal   Sentence = "No portal"
	ReportRepNumber  Sentence = "Rep %d"
	ReportTeamNumber Sentence = "Team %d"
	ReportStars      Sentence = "%d of 5"
)

// Reports: what became of a session, and how it began and ended.
const (
	OutcomeWaiting   Sentence = "Waiting"
	OutcomeGoing     Sentence = "In session"
	OutcomeHelped    Sentence = "Helped"
	OutcomeBroken    Sentence = "Broke off"
	OutcomeAbandoned Sentence = "Left while waiting"
	OutcomeNotAgreed Sentence = "Did not agree"
	OutcomeNobody    Sentence = "Nobody was there"
	OutcomeNotice    Sentence = "Left because of a notice"
	OutcomeNotMet    Sentence = "Not connected"

	StartRep   Sentence = "Chose a rep"
	StartIssue Sentence = "Issue form"
	StartKey   Sentence = "Session key"

	EndedCustomer    Sentence = "The customer ended it"
	EndedRep         Sentence = "The rep ended it"
	EndedLost        Sentence = "The connection was lost"
	EndedSecret      Sentence = "The session key was mistyped"
	EndedNeverMet    Sentence = "No connection came about"
	EndedDeclined    Sentence = "The rep did not take it"
	EndedBroker      Sentence = "The broker ended it"
	EndedMoved       Sentence = "It was handed on"
	EndedNotAgreed   Sentence = "The customer did not accept the agreement"
	EndedNotice      Sentence = "The customer left because of a notice"
	EndedNobody      Sentence = "Nobody could help"
	EndedNotVerified Sentence = "The two could not verify each other"

	ReportGeneral Sentence = "General queue"
	ReportOfTeam  Sentence = "Queue of %s"
	ReportOfRep   Sentence = "Own queue of %s"

	AnswerNotAsked Sentence = "Not asked"
	AnswerYes      Sentence = "Yes"
	AnswerNo       Sentence = "No"
)

// Reports: one session.
const (
	ReportAbout       Sentence = "Session"
	ReportPerson      Sentence = "Customer"
	ReportPeople      Sentence = "Who took part"
	ReportNoPeople    Sentence = "No rep took part."
	ReportAnswers     Sentence = "Survey answers"
	ReportRepAnswers  Sentence = "The rep's answers"
	ReportNoAnswers   Sentence = "The customer did not answer a survey."
	ReportTimeline    Sentence = "What happened"
	ReportBegan       Sentence = "Began by"
	ReportEntered     Sentence = "Program connected"
	ReportTaken       Sentence = "Taken"
	ReportEnded       Sentence = "Ended"
	ReportWhy         Sentence = "How it ended"
	ReportQueue       Sentence = "Queue"
	ReportFirstQueue  Sentence = "First queue"
	ReportAgreed      Sentence = "Accepted the agreement"
	ReportRecording   Sentence = "May be recorded"
	ReportName        Sentence = "Name"
	ReportSystem      Sentence = "System"
	ReportLocale      Sentence = "Language"
	ReportAddress     Sentence = "Address"
	ReportDescription Sentence = "Description"
	ReportJoined      Sentence = "Joined"
	ReportLeft        Sentence = "Left"
	ReportStill       Sentence = "Still there"
	ReportTime        Sentence = "Time"
	ReportWhat        Sentence = "What"
	ReportNumber      Sentence = "Session number"
	ReportBusy        Sentence = "Other files are being made just now. Try again in a few seconds."
	ReportForbidden   Sentence = "You may not see reports. Whoever looks after roles here can change that."
	ReportMissing     Sentence = "There is no such session, or it is not one that you may see."

	FactCame      Sentence = "Came to %s"
	FactCameAlone Sentence = "Came"
	FactEntered   Sentence = "The customer's program connected"
	FactAgreed    Sentence = "Accepted the agreement"
	FactNotAgreed Sentence = "Did not accept the agreement"
	FactSilent    Sentence = "Said nothing to the agreement"
	FactMayRecord Sentence = "Allowed a recording"
	FactNoRecord  Sentence = "Did not allow a recording"
	FactQueued    Sentence = "Waits in: %s"
	FactQueuedAt  Sentence = "Waits"
	FactAgain     Sentence = "Waits again in: %s"
	FactTaken     Sentence = "Taken by %s"
	FactTakenIn   Sentence = "Taken by %s after %s"
	FactJoined    Sentence = "%s is in the session"
	FactLeft      Sentence = "%s is no more in the session"
	FactMoved     Sentence = "Handed on to: %s"
	FactEnded     Sentence = "Ended: %s"
	FactEndedOnly Sentence = "Ended"
	FactSurvey    Sentence = "Answered the survey"
	FactRepSurvey Sentence = "%s answered the survey for reps"
	FactAbandoned Sentence = "Left while waiting"
	FactAfter     Sentence = "Left after waiting %s"
)

// Reports: what a rep's console tells of a session.
const (
	FactNoted   Sentence = "%s wrote a note"
	FactNotedAs Sentence = "%s wrote a note: %s"
	FactCutOff  Sentence = "%s's console told more than is kept of a session; the rest is not here"
)

// Reports: notes, and what was said.
const (
	ReportResult      Sentence = "The rep says"
	ReportNotes       Sentence = "Notes"
	ReportNotedAt     Sentence = "%s, %s"
	ReportSaid        Sentence = "What was said"
	ReportSaidBy      Sentence = "Who"
	ReportTheCustomer Sentence = "The customer"
	ReportNotSaid     Sentence = "Nothing that was said in this session is kept."
	ReportSealed      Sentence = "What was said is sealed. This broker cannot read it: only people whom the organisation's key has let in can. They save it here and open the file in their console."
	ReportUnseal      Sentence = "Save what is sealed"
	ReportSealedBy    Sentence = "Sealed by the console of %s."
	ReportSealedTo    Sentence = "What was said is sealed and not in this file. People whom the organisation's key has let in save it on the session's page and open it in their console."
	ReportTalkCut     Sentence = "%s lines more were said. The files below have them all."
	ReportLinesCut    Sentence = "%s lines more were said than fit here."
	ReportUnshown     Sentence = "[…] stands for letters that a PDF cannot show here. Save the report as HTML to read them."
	ReportFileLarge   Sentence = "What was said in this session is too much for one file."
)

// Reports: deleting a session.
const (
	EraseLink    Sentence = "Delete this session"
	EraseTitle   Sentence = "Delete the session of %s?"
	EraseWhat    Sentence = "Everything that is kept of this session goes for good: who came, what happened, the notes, the answers to surveys and what was said. The sums in the summary stay, and so do backups and what other programs were told."
	EraseSession Sentence = "It began on %s. Its number is %s."
	EraseLogged  Sentence = "The audit log keeps that you deleted it."
	EraseDo      Sentence = "Delete for good"
	EraseCancel  Sentence = "Cancel"
	EraseGoing   Sentence = "This session is not over for half an hour yet, so there may be more to come of it. Try again later."
	EraseDone    Sentence = "The session is deleted."
)

// Reports: summaries.
const (
	SummaryBy        Sentence = "Divided by"
	SummaryByDay     Sentence = "Day"
	SummaryByWeek    Sentence = "Week"
	SummaryByMonth   Sentence = "Month"
	SummaryWeek      Sentence = "Week from %s"
	SummaryCame      Sentence = "Sessions"
	SummaryTaken     Sentence = "Taken by a rep"
	SummaryUnhelped  Sentence = "Ended without a rep"
	SummaryOpen      Sentence = "Still waiting"
	SummaryWaited    Sentence = "Average wait"
	SummaryLasted    Sentence = "Average length"
	SummaryRated     Sentence = "Average rating"
	SummaryRatedBy   Sentence = "%s of 5 (%d)"
	SummarySolved    Sentence = "Solved"
	SummarySolvedOf  Sentence = "%s of %s"
	SummaryUnsolved  Sentence = "Not solved"
	SummaryFollowUp  Sentence = "More to do"
	SummaryResults   Sentence = "What is solved is what reps say, of the sessions of which they say something."
	SummaryTotal     Sentence = "Together"
	SummaryChart     Sentence = "Sessions by %s"
	SummaryChartName Sentence = "%s: %d taken by a rep, %d ended without one, %d still waiting"
	SummaryLastRep   Sentence = "A session counts for the rep who had it last, and for the team in whose queue the customer waited last."
	SummaryNone      Sentence = "Nothing to add up"
)

// Reports: survey results.
const (
	SurveyNone      Sentence = "No questions yet"
	SurveyNoneHint  Sentence = "This portal asks nobody anything when a session ends. Questions are set with the portal."
	SurveyNobody    Sentence = "Nobody has answered this in that time."
	SurveyAnswers   Sentence = "%d answers"
	SurveyOneAnswer Sentence = "1 answer"
	SurveyAverage   Sentence = "On average %s of 5"
	SurveyAnswer    Sentence = "Answer"
	SurveyTimes     Sentence = "Times"
	SurveyShare     Sentence = "Share"
	SurveyOption    Sentence = "Option %d"
	SurveyNewest    Sentence = "The newest answers"
	SurveyAll       Sentence = "All answers"
	SurveyOfReps    Sentence = "Asked of reps"
	SurveyQuestion  Sentence = "Question"
)

// Reports: lengths of time.
const (
	SpanSeconds Sentence = "%d s"
	SpanMinutes Sentence = "%d min %02d s"
	SpanHours   Sentence = "%d h %02d min"
	SpanBrief   Sentence = "%d min"
	SpanDays    Sentence = "%d d %d h"
)

// DeliveryProblem says why a program elsewhere was not told, by the names of
// package ledger.
func DeliveryProblem(name string) Sentence {
	switch name {
	case "slow":
		return "It took too long to answer."
	case "private":
		return "Its address is inside the organisation's network. Allow that, or choose another address."
	case "untrusted":
		return "Its certificate is not trusted."
	case "unsigned":
		return "There is no secret to sign with. Press Save, and one is made."
	case "unknown":
		return "The settings do not name it any more."
	case "unreachable":
		return "It cannot be reached."
	case "":
		return "It was told everything."
	}
	return "It did not take the event. It has to answer with a status from 200 to 299."
}
