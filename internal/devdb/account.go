package devdb

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// account is who the server runs as. The zero account is ourselves.
type account struct {
	credential *syscall.Credential
	caps       []uintptr
}

// chooseAccount decides for the data folder, which may not exist yet.
func chooseAccount(data string) (account, error) {
	owner, err := ownerOf(data)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return account{}, err
	}
	switch me := uint32(os.Geteuid()); {
	case owner != nil && me != 0 && owner.Uid != me:
		return account{}, fmt.Errorf("%s belongs to another user (id %d): run as that user or as root, or use another folder", data, owner.Uid)
	case me != 0:
		return account{}, nil
	case owner != nil && owner.Uid != 0:
		return account{credential: owner}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		credential, err := credentialOf(found)
		return account{credential: credential}, err
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody to run it as")
}

// own gives a file or folder to the account.
func (a account) own(path string) error {
	if a.credential == nil {
		return nil
	}
	return os.Chown(path, int(a.credential.Uid), int(a.credential.Gid))
}

// at gives the folder to the account, and the account the means to reach it.
// Where a folder above is closed to the account, as /root is, that is the one
// capability which lets a process pass through folders.
func (a account) at(folder string) (account, error) {
	if a.credential == nil {
		return a, nil
	}
	if err := a.own(folder); err != nil {
		return a, err
	}
	reachable, err := a.reaches(folder)
	if err != nil || reachable {
		return a, err
	}
	capability, err := passCapability()
	if err != nil {
		return a, fmt.Errorf("user id %d cannot reach %s, and root here may not help it (%w): use a folder that every user can reach", a.credential.Uid, folder, err)
	}
	a.caps = []uintptr{capability}
	return a, nil
}

// reaches tells whether every folder above is open to the account.
func (a account) reaches(folder string) (bool, error) {
	for folder != "/" {
		folder = filepath.Dir(folder)
		var stat unix.Stat_t
		if err := unix.Stat(folder, &stat); err != nil {
			return false, err
		}
		var open uint32 = 0o001
		switch {
		case stat.Uid == a.credential.Uid:
			open = 0o100
		case stat.Gid == a.credential.Gid:
			open = 0o010
		}
		if stat.Mode&open == 0 {
			return false, nil
		}
	}
	return true, nil
}

// command prepares a program that runs as the account, away from the terminal's
// signals, and is told to end when the thread that starts it does.
func (a account) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential:  a.credential,
		AmbientCaps: a.caps,
		Setpgid:     true,
		Pdeathsig:   fastShutdown,
	}
	return cmd
}

// passCapability is the weakest capability this process has that opens folders.
func passCapability() (uintptr, error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return 0, err
	}
	for _, capability := range []uintptr{unix.CAP_DAC_READ_SEARCH, unix.CAP_DAC_OVERRIDE} {
		if sets[0].Permitted&(1<<capability) != 0 {
			return capability, nil
		}
	}
	return 0, errors.New("no capability to pass through folders")
}

func ownerOf(path string) (*syscall.Credential, error) {
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}, nil
}

func credentialOf(u *user.User) (*syscall.Credential, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
