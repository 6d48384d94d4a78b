// The coding clients, each at the version that was run last, with the settings that
// docs/compatibility.md tells users to copy. Settings that only keep a client from calling others than
// the hub are marked so.

import { type CodingClient, order } from './client.ts';

const CLAUDE_CODE: CodingClient = {
  id: 'claude-code',
  name: 'Claude Code',
  package: '@anthropic-ai/claude-code',
  version: '2.1.332',
  program: 'claude',
  protocol: 'anthropic-messages',
  pointAt: ({ url, key, model }) => ({
    env: {
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_AUTH_TOKEN: key,
      ANTHROPIC_MODEL: model,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
      // Telemetry, error reports and updates go elsewhere.
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    // It allows these alone, which works for root too; its mode without questions does not.
    args: ['-p', '--allowedTools', 'Read,Write,Bash'],
  }),
  orders: ({ notePath, reportPath, reportText, copyCommand }) => [
    order('Read', { file_path: notePath }),
    order('Write', { file_path: reportPath, content: `${reportText}\n` }),
    order('Bash', { command: copyCommand }),
  ],
};

const CODEX: CodingClient = {
  id: 'codex',
  name: 'Codex',
  package: '@openai/codex',
  version: '0.171.0',
  program: 'codex',
  protocol: 'openai-responses',
  async pointAt({ url, key, model }) {
    const models = await fetch(`${url}/v1/models?client_version=${CODEX.version}`);
    const config = [
      `model = "${model}"`,
      'model_provider = "hub"',
      'model_reasoning_effort = "low"',
      'model_catalog_json = "hub-models.json"',
      '',
      '[model_providers.hub]',
      'name = "InferenceHub"',
      `base_url = "${url}/v1"`,
      'env_key = "HUB_KEY"',
      'wire_api = "responses"',
      '',
    ];
    return {
      files: {
        '.codex/config.toml': config.join('\n'),
        '.codex/hub-models.json': await models.text(),
      },
      env: { HUB_KEY: key },
      // What it would run is known here, and its own sandbox is not to be had on every machine.
      args: ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '-'],
    };
  },
  orders: ({ notePath, reportPath, reportText, copyCommand }) => [
    order('exec_command', { cmd: `cat '${notePath}'` }),
    order('exec_command', { cmd: `echo '${reportText}' > '${reportPath}'` }),
    order('exec_command', { cmd: copyCommand }),
  ],
};

const GEMINI_CLI: CodingClient = {
  id: 'gemini-cli',
  name: 'Gemini CLI',
  package: '@google/gemini-cli',
  version: '0.61.0',
  program: 'gemini',
  protocol: 'gemini',
  pointAt: ({ url, key, model }) => ({
    files: {
      '.gemini/settings.json': JSON.stringify({
        security: { auth: { selectedType: 'gemini-api-key' } },
        // Only these go elsewhere.
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false },
      }),
    },
    env: { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: key },
    args: ['-m', model, '--skip-trust', '--approval-mode', 'yolo'],
  }),
  orders: ({ notePath, reportPath, reportText, copyCommand }) => [
    order('read_file', { file_path: notePath }),
    order('write_file', { file_path: reportPath, content: `${reportText}\n` }),
    order('run_shell_command', { command: copyCommand }),
  ],
};

const OPENCODE: CodingClient = {
  id: 'opencode',
  name: 'opencode',
  package: 'opencode-ai',
  version: '1.18.33',
  program: 'opencode',
  protocol: 'openai-chat',
  pointAt: ({ url, key, model }) => ({
    files: {
      '.config/opencode/opencode.json': JSON.stringify({
        $schema: 'https://opencode.ai/config.json',
        model: `hub/${model}`,
        permission: 'allow',
        provider: {
          hub: {
            npm: '@ai-sdk/openai-compatible',
            name: 'InferenceHub',
            options: { baseURL: `${url}/v1`, apiKey: '{env:HUB_KEY}' },
            models: { [model]: {} },
          },
        },
      }),
    },
    env: {
      HUB_KEY: key,
      // What follows goes elsewhere.
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
    },
    args: ['run'],
  }),
  orders: ({ notePath, reportPath, reportText, copyCommand }) => [
    order('read', { filePath: notePath }),
    order('write', { filePath: reportPath, content: `${reportText}\n` }),
    order('bash', { command: copyCommand, description: 'Copies the note' }),
  ],
};

export const CODING_CLIENTS: readonly CodingClient[] = Object.freeze([
  CLAUDE_CODE,
  CODEX,
  GEMINI_CLI,
  OPENCODE,
]);
