//! The snippets for each tool, as templates: see [`Snippet::template`].
//!
//! Values are in double quotes where a bare one could be parsed as another type: a profile may be called
//! `true` or `1.0`.

use super::snippets::{Snippet, Tool};

/// Precedes the snippets that read private.pem.
const MOVE_PRIVATE_KEY: Snippet = Snippet {
    name: "move private.pem",
    note: "If you need the IDs and the private key separately: download private.pem with the key ID in \
           its name, then move it, too.",
    template: "@move-private-key@",
};

/// The tools in display order.
pub static TOOLS: [Tool; 7] = [
    Tool {
        id: "cli",
        name: "Nebius CLI",
        snippets: &[
            Snippet {
                name: "CLI, create the profile",
                note: "",
                template: "\
nebius profile create --endpoint api.nebius.cloud \\
  --service-account-file ~/.nebius/@file@ \\
  --profile @profile@",
            },
            Snippet {
                name: "CLI, list the profiles",
                note: "",
                template: "nebius profile list",
            },
        ],
        others: &[
            Snippet {
                name: "CLI, config.yaml",
                note: "Edit ~/.nebius/config.yaml yourself. If the file already has profiles, add this \
                       one to them and keep its default.",
                template: "\
default: \"@profile@\"
profiles:
  \"@profile@\":
    endpoint: api.nebius.cloud
    auth-type: service account
    service-account-credentials-file-path: \"~/.nebius/@file@\"
    parent-id: \"@project@\"",
            },
            MOVE_PRIVATE_KEY,
            Snippet {
                name: "CLI, config.yaml with private.pem",
                note: "",
                template: "\
default: \"@profile@\"
profiles:
  \"@profile@\":
    endpoint: api.nebius.cloud
    auth-type: service account
    service-account-id: \"@account@\"
    public-key-id: \"@key@\"
    private-key-file-path: \"~/.nebius/@account@-@key@-private.pem\"
    parent-id: \"@project@\"",
            },
        ],
    },
    Tool {
        id: "kubernetes",
        name: "Kubernetes",
        snippets: &[
            Snippet {
                name: "Kubernetes, create the Secret",
                note: "Creates or updates the Secret. Replace default with your namespace.",
                template: "\
kubectl create secret generic @secret@ --namespace default \\
  --from-file=credentials.json=\"$HOME/.nebius/@file@\" \\
  --dry-run=client -o yaml | kubectl apply --server-side -f -",
            },
            Snippet {
                name: "Kubernetes, mount the Secret",
                note: "For your Pod. Replace app with your container's name. Your program reads the \
                       file's path from NEBIUS_CREDENTIALS_FILE. If it doesn't run as root, its Pod needs \
                       a securityContext with an fsGroup to read the file.",
                template: "\
spec:
  containers:
    - name: app
      env:
        - name: NEBIUS_CREDENTIALS_FILE
          value: /var/run/nebius/credentials.json
      volumeMounts:
        - name: nebius-credentials
          mountPath: /var/run/nebius
          readOnly: true
  volumes:
    - name: nebius-credentials
      secret:
        secretName: @secret@
        defaultMode: 0400",
            },
        ],
        others: &[],
    },
    Tool {
        id: "terraform",
        name: "Terraform",
        snippets: &[Snippet {
            name: "Terraform",
            note: "One file has the IDs and the private key, so they always match.",
            template: "\
terraform {
  required_providers {
    nebius = {
      source  = \"nebius/nebius\"
      version = \">= 0.6.8\"
    }
  }
}

provider \"nebius\" {
  service_account = {
    credentials_file = \"~/.nebius/@file@\"
  }
}",
        }],
        others: &[
            MOVE_PRIVATE_KEY,
            Snippet {
                name: "Terraform with private.pem",
                note: "",
                template: "\
provider \"nebius\" {
  service_account = {
    account_id       = \"@account@\"
    public_key_id    = \"@key@\"
    private_key_file = \"~/.nebius/@account@-@key@-private.pem\"
  }
}",
            },
        ],
    },
    Tool {
        id: "python",
        name: "Python SDK",
        snippets: &[Snippet {
            name: "Python SDK",
            note: "After pip install nebius:",
            template: "\
import os
from nebius.sdk import SDK

sdk = SDK(
    credentials_file_name=os.path.expanduser(\"~/.nebius/@file@\"),
    user_agent_prefix=\"@profile@/1.0\",
)",
        }],
        others: &[],
    },
    Tool {
        id: "go",
        name: "Go SDK",
        snippets: &[Snippet {
            name: "Go SDK",
            note: "After go get github.com/nebius/gosdk, which expands ~/ to your home folder:",
            template: "\
package main

import (
\t\"context\"
\t\"log\"

\t\"github.com/nebius/gosdk\"
\t\"github.com/nebius/gosdk/auth\"
)

func main() {
\tcredentials := auth.NewServiceAccountCredentialsFileParser(
\t\tnil, // the machine's own files
\t\t\"~/.nebius/@file@\",
\t)
\tsdk, err := gosdk.New(
\t\tcontext.Background(),
\t\tgosdk.WithCredentials(gosdk.ServiceAccountReader(credentials)),
\t)
\tif err != nil {
\t\tlog.Fatal(err)
\t}
\tdefer sdk.Close()
}",
        }],
        others: &[],
    },
    Tool {
        id: "skypilot",
        name: "SkyPilot, dstack",
        snippets: &[
            Snippet {
                name: "SkyPilot, the files that it reads",
                note: "SkyPilot reads the credentials and the tenant ID from fixed places.",
                template: "\
cp ~/.nebius/@file@ ~/.nebius/credentials.json
chmod 600 ~/.nebius/credentials.json
echo @tenant@ > ~/.nebius/NEBIUS_TENANT_ID.txt",
            },
            Snippet {
                name: "SkyPilot, check",
                note: "",
                template: "sky check nebius",
            },
            Snippet {
                name: "dstack, server/config.yml",
                note: "In ~/.dstack/server/config.yml:",
                template: "\
projects:
  - name: main
    backends:
      - type: nebius
        creds:
          type: service_account
          filename: ~/.nebius/credentials.json",
            },
        ],
        others: &[],
    },
    Tool {
        id: "ci",
        name: "CI: GitHub Actions, GitLab",
        snippets: &[
            Snippet {
                name: "GitHub, set the secret",
                note: "In a clone of your GitHub repository. The secret is one line of base64, because \
                       logs are masked line by line. What a job decodes isn't masked, so never print it.",
                template: "base64 < ~/.nebius/@file@ | tr -d '\\n' | gh secret set NEBIUS_CREDENTIALS",
            },
            Snippet {
                name: "GitHub, steps of the job",
                note: "Put your own steps between these two. They read the file that \
                       NEBIUS_CREDENTIALS_FILE names.",
                template: "\
- name: Restore the credentials file
  env:
    NEBIUS_CREDENTIALS: ${{ secrets.NEBIUS_CREDENTIALS }}
  run: |
    umask 077
    printf %s \"$NEBIUS_CREDENTIALS\" | base64 -d > \"$RUNNER_TEMP/nebius.json\"
    echo \"NEBIUS_CREDENTIALS_FILE=$RUNNER_TEMP/nebius.json\" >> \"$GITHUB_ENV\"
- name: Remove the credentials file
  if: always()
  run: rm -f \"$RUNNER_TEMP/nebius.json\"",
            },
            Snippet {
                name: "GitLab, set the variable",
                note: "In a clone of your GitLab project. For the next key, use update instead of set. A \
                       variable of type file stays out of the job's environment.",
                template: "\
base64 < ~/.nebius/@file@ | tr -d '\\n' |
  glab variable set NEBIUS_CREDENTIALS --type file --masked",
            },
            Snippet {
                name: "GitLab, the job",
                note: "Put your own commands into the script. They read the file that \
                       NEBIUS_CREDENTIALS_FILE names.",
                template: "\
job:
  variables:
    NEBIUS_CREDENTIALS_FILE: $CI_BUILDS_DIR/nebius-$CI_JOB_ID.json
  before_script:
    - (umask 077; base64 -d < \"$NEBIUS_CREDENTIALS\" > \"$NEBIUS_CREDENTIALS_FILE\")
  script:
    - test -s \"$NEBIUS_CREDENTIALS_FILE\"
  after_script:
    - rm -f \"$NEBIUS_CREDENTIALS_FILE\"",
            },
        ],
        others: &[],
    },
];
