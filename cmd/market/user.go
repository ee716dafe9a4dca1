package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"techmarket/internal/config"
	"techmarket/internal/demo"
	"techmarket/internal/devdb"
	"techmarket/internal/market"
	"techmarket/internal/service"
	"techmarket/internal/store"
	"techmarket/migrations"
)

// userCommands are the verbs of `market user`.
var userCommands = []struct {
	name, usage string
	run         func(context.Context, program, *userTools, []string) error
}{
	{"add", "add EMAIL NAME [--duty DUTY]... [--password-stdin]   make an account, whose owner must change the password; without --password-stdin one is made and printed", userAdd},
	{"duty", "duty EMAIL DUTY                                      give a duty: reviewer, registrar, statistician, auditor or admin", userDuty},
	{"token", "token EMAIL                                          make an API token and print it, this once", userToken},
	{"password", "password EMAIL                                       set a made password and print it; its owner must change it", userPassword},
	{"second", "second EMAIL                                         take away a lost second factor; staff set up another one", userSecond},
	{"code", "code EMAIL                                           print the code that a demonstration account's authenticator shows now", userCode},
	{"list", "list                                                 list all accounts", userList},
}

// userTools are what the verbs work with.
type userTools struct {
	store   *store.Store
	service *service.Service
}

// cli is the actor of the command line: whoever can run it holds the database.
var cli = market.Actor{Via: market.ViaCLI}

// manageUsers carries out `market user VERB` on MARKET_DSN, else on the private database of MARKET_DATA.
func manageUsers(ctx context.Context, p program, args []string) error {
	for _, c := range userCommands {
		if len(args) > 0 && c.name == args[0] {
			return withDatabase(ctx, p, func(st *store.Store, svc *service.Service) error {
				return c.run(ctx, p, &userTools{st, svc}, args[1:])
			})
		}
	}
	fmt.Fprintln(p.out, "usage: market user VERB")
	for _, c := range userCommands {
		fmt.Fprintln(p.out, "  market user", c.usage)
	}
	return errUsage
}

// withDatabase runs fn on MARKET_DSN, else on the private database of MARKET_DATA: the one that `market dev` runs now,
// or one that is up only for fn.
func withDatabase(ctx context.Context, p program, fn func(*store.Store, *service.Service) error) error {
	cfg, err := config.Read(p.getenv, false)
	if err != nil {
		return err
	}
	if cfg.DSN != "" {
		return withService(ctx, p, cfg.DSN, fn)
	}
	err = withDevDatabase(ctx, p, &cfg, func() error { return withService(ctx, p, cfg.DSN, fn) })
	if !errors.Is(err, devdb.ErrBusy) {
		return err
	}
	dsn, err := devdb.RunningDSN(filepath.Join(cfg.Data, "db"), devDatabase)
	if err != nil {
		return err
	}
	if dsn, err = devdb.As(dsn, migrations.AppRole); err != nil {
		return err
	}
	return withService(ctx, p, dsn, fn)
}

// dutyList collects the values of a flag that may be given several times.
type dutyList []market.Duty

func (l *dutyList) String() string { return fmt.Sprint(*l) }

func (l *dutyList) Set(value string) error {
	if market.Duty(value).Name() == "" {
		return errors.New("no such duty")
	}
	*l = append(*l, market.Duty(value))
	return nil
}

// parseMixed reads flags that stand before, between or after the other words, and returns the words.
func parseMixed(flags *flag.FlagSet, args []string) ([]string, error) {
	var words []string
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return words, nil
		}
		words = append(words, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

func userAdd(ctx context.Context, p program, tools *userTools, args []string) error {
	flags := flag.NewFlagSet("market user add", flag.ContinueOnError)
	flags.SetOutput(p.out)
	var duties dutyList
	flags.Var(&duties, "duty", "a `duty` of the bureau; may be given several times")
	fromStdin := flags.Bool("password-stdin", false, "read the password from the first line of the input")
	words, err := parseMixed(flags, args)
	if err != nil {
		return err
	}
	if len(words) != 2 {
		return fmt.Errorf("%w: market user add EMAIL NAME", errUsage)
	}
	password := rand.Text()
	if *fromStdin {
		if password, err = firstLine(p.in); err != nil {
			return err
		}
	}
	_, err = tools.service.CreateUser(ctx, cli, service.NewUser{Email: words[0], Name: words[1], Password: password, Duties: duties, Initial: true})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "made %s\n", service.NormalizeEmail(words[0]))
	if !*fromStdin {
		fmt.Fprintf(p.out, "password: %s\n", password)
	}
	return nil
}

// firstLine reads a line without its end.
func firstLine(r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, 4096))
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSuffix(line, "\r"), err
}

func userDuty(ctx context.Context, p program, tools *userTools, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("%w: market user duty EMAIL DUTY", errUsage)
	}
	user, err := findUser(ctx, tools, args[0])
	if err != nil {
		return err
	}
	if err := tools.service.AddDuty(ctx, cli, user.ID, market.Duty(args[1])); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s is now %s\n", user.Email, args[1])
	return nil
}

func userToken(ctx context.Context, p program, tools *userTools, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: market user token EMAIL", errUsage)
	}
	user, err := findUser(ctx, tools, args[0])
	if err != nil {
		return err
	}
	a, err := tools.store.Actor(ctx, user.ID, 0)
	if err != nil {
		return err
	}
	a.Via = market.ViaCLI
	secret, err := tools.service.CreateToken(ctx, a, "命令行建立", "")
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, secret)
	return nil
}

func userPassword(ctx context.Context, p program, tools *userTools, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: market user password EMAIL", errUsage)
	}
	user, err := findUser(ctx, tools, args[0])
	if err != nil {
		return err
	}
	password := rand.Text()
	if err := tools.service.SetInitialPassword(ctx, cli, user.ID, password); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "password: %s\n", password)
	return nil
}

func userSecond(ctx context.Context, p program, tools *userTools, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: market user second EMAIL", errUsage)
	}
	user, err := findUser(ctx, tools, args[0])
	if err != nil {
		return err
	}
	if err := tools.service.ResetSecond(ctx, cli, user.ID); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s has no second factor now\n", user.Email)
	return nil
}

// userCode prints a code of a demonstration account. Its secret is no secret; that of any other account stays one.
func userCode(ctx context.Context, p program, tools *userTools, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: market user code EMAIL", errUsage)
	}
	user, err := findUser(ctx, tools, args[0])
	if err != nil {
		return err
	}
	second, err := tools.store.Second(ctx, user.ID)
	if err != nil {
		return err
	}
	if second.Secret != demo.Second {
		return fmt.Errorf("%s is no demonstration account with the demonstration second factor", user.Email)
	}
	code, err := service.CodeAt(second.Secret, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, code)
	return nil
}

func findUser(ctx context.Context, tools *userTools, email string) (store.User, error) {
	user, err := tools.store.UserByEmail(ctx, service.NormalizeEmail(email))
	if market.IsKind(err, market.NotFound) {
		return user, fmt.Errorf("no account has the address %s", email)
	}
	return user, err
}

func userList(ctx context.Context, p program, tools *userTools, args []string) error {
	if len(args) != 0 {
		return fmt.Errorf("%w: market user list", errUsage)
	}
	users, err := tools.store.Users(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(p.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tEMAIL\tSTATE\tDUTIES\tNAME\tORGANISATION")
	for _, u := range users {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\n", u.ID, u.Email, u.State, strings.Join(u.Duties, ","), u.Name, u.OrgName)
	}
	return table.Flush()
}
