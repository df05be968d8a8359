import { Box, xcss } from '@atlaskit/primitives';
import { alertChannelTypes } from '../../../src/domain/alert';
import { Guide } from '../../shared/guide';
import { guides, webhookExample } from './guide-texts';

const exampleStyles = xcss({
  font: 'font.code',
  color: 'color.text',
  backgroundColor: 'color.background.neutral',
  borderRadius: 'radius.small',
  padding: 'space.150',
  margin: 'space.0',
  overflow: 'auto',
});

/** How the chosen channel is set up on the other side. */
export function ChannelGuide({ type }: { type: string }) {
  const guide = guides[alertChannelTypes.find((one) => one === type) ?? 'email'];
  return (
    <Guide {...guide}>
      {type === 'webhook' && (
        <Box as="pre" xcss={exampleStyles} tabIndex={0} role="region" aria-label={guide.title}>
          {webhookExample}
        </Box>
      )}
    </Guide>
  );
}
